"""The master workbook: laid out once, read by names, changed cell by cell."""
