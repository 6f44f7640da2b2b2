"""The arithmetic of Barograph: arrays and frozen objects in and out, no files, no clock, no randomness.

One week is `inputs.WeekInputs`; `score.score_week` makes it a `WeekScores`; `tiers.advance` carries the
tier of every account from week to week; `ledger.ledger` explains the difference between two weeks.
"""
