"""A task table read from any workbook."""
