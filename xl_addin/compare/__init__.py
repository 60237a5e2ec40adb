"""Another office's table beside ours: found, read and matched. Pure: bytes and settings in, records out."""
