"""Tests of xl_addin.services."""
