"""The district's form: laid out, stamped, sealed."""
