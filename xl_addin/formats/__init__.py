"""What else comes in the name of a workbook, each read into the same typed cells."""
