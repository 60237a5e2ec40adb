"""A year's task table, from any workbook that has one."""
