"""The harnesses that tests and benchmarks share."""
