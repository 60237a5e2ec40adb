"""Tests of xl_addin.store."""
