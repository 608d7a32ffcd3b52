"""Compare the verbs with Spark's floor and with other common ways: `python -m benchmarks`."""
