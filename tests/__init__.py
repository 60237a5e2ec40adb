"""The tests, and the tools that they and the benchmarks share."""
