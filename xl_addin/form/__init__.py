"""The district's form: laid out, stamped, read, marked for correction."""
