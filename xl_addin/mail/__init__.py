"""Letters out and returns in."""
