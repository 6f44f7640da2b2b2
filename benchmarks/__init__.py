"""What measures speed, memory and predictive quality. Never part of the test run."""
