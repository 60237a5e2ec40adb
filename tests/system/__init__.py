"""Tests of xl_addin.system."""
