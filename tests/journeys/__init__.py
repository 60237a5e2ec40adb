"""Tests of whole ways through the program."""
