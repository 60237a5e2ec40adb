"""What staff typed into the master, as records."""
