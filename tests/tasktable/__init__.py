"""Tests of xl_addin.tasktable."""
