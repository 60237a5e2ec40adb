"""Tests of xl_addin.xlsx."""
