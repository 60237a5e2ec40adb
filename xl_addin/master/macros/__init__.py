"""The ribbon, the VBA project and what binds a master to a computer."""
