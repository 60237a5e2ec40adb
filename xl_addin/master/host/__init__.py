"""The master as a file or open in Excel, behind one interface."""
