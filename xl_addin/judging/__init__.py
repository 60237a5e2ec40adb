"""From a file's bytes to a verdict; pure."""
