"""Sheets of the master that no longer say the same: found, and brought into agreement with the lists."""
