"""The words of the field: frozen records and tables of names, no input or output."""
