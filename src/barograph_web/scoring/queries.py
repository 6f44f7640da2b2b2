"""Reads that other apps ask for."""

from __future__ import annotations

from barograph_web.portfolio.weeks import last_projection, newest_week, week_before, week_of

__all__ = ["last_projection", "newest_week", "week_before", "week_of"]
