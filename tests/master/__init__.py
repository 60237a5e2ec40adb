"""Tests of xl_addin.master."""
