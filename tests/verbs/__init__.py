"""Tests of xl_addin.verbs."""
