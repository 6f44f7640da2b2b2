"""Pulses, divergence from the numbers, planned context, verdicts on the score, and how calls fared."""
