"""What needs the folder, the ledger and the master together; one module per noun."""
