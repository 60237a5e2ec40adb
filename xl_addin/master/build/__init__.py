"""The master as it is laid out once."""
