"""Speed and memory of learning; `python -m benchmarks.learning`."""
