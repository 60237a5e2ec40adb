"""Files made to harm."""
