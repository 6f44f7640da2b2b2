"""Learn from past renewals and prove it: pure functions on arrays, no I/O, no clock, seeded randomness
only.
"""
