"""What comes back: opened, read, judged, decided, marked for correction."""
