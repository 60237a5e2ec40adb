"""Tests of xl_addin.judging."""
