"""What is kept: the archive, the ledger, and writes that are whole or not at all."""
