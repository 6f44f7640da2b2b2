"""The table of settings under the name that Django's settings have it by; it is read without them in options.py."""

from __future__ import annotations

from barograph_web.options import OPTIONS, PREFIX, Kind, Option, Options, read_options

__all__ = ["OPTIONS", "PREFIX", "Kind", "Option", "Options", "read_options"]
