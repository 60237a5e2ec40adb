"""A Windows Python made on Linux, and what other programs do to files on Windows."""
