"""Excel's own files: the zip container, typed cells, what they say, and changing them in place."""
