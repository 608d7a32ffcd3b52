"""Ratios against Spark's own floor and the ways people do it today: `python -m benchmarks`."""
