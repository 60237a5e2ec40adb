"""Slips (督办单): who gets one and why, what it says, where it lies, what became of it."""
