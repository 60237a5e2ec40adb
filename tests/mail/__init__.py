"""Tests of xl_addin.mail."""
