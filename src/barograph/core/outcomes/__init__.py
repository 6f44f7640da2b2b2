"""Outcomes (O2): what became of a renewal, when it was decided, and by what date that is known.

`derive.derive_outcomes` is the entry point; the other modules are its sources.
"""
