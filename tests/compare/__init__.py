"""Tests of xl_addin.compare."""
