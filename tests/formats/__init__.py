"""Tests of xl_addin.formats."""
