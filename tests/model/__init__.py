"""Tests of xl_addin.model."""
