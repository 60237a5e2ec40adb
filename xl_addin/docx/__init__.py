"""Word's own file format, edited in place; no word of the field."""
