"""Excel's own file format; no word of the field."""
