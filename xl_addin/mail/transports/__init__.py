"""The ways a letter leaves: one interface, one module for each."""
