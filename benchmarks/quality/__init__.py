"""Predictive quality on public data and on planted truth: one command, tables in docs/methods/quality.md."""
