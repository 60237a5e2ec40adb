"""The monthly bulletin (通报): what it says, where it lies, what went out."""
