"""What the operating system owes the program; no word of the field."""
