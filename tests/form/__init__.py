"""Tests of xl_addin.form."""
