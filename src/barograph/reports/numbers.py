"""Figures as documents hold them."""

from __future__ import annotations

from math import isfinite


def number(value: float) -> float | None:
    """A figure for JSON: six places, None where there is none."""
    return round(float(value), 6) if isfinite(value) else None
