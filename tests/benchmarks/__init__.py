"""What the product costs beside what a person would write, in one run: ``python -m tests.benchmarks``."""
