"""Secrets do not get into logs, run pages or audit rows."""

from __future__ import annotations

import re

HIDDEN = "***"
_IN_URLS = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://)[^\s/@]+@", re.IGNORECASE)
_BEARER = re.compile(r"(?P<before>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_TOKENS = re.compile(r"\bbaro_[A-Za-z0-9_-]{8,}")
_NAMED = re.compile(
    r"(?P<before>[\"']?\b[\w.-]*(?:password|passwd|secret|token|api_key|apikey|csrfmiddlewaretoken)[\w.-]*[\"']?"
    r"\s*(?:=|:)\s*)(?P<quote>[\"']?)(?P<value>[^\s\"'&,;]+)(?P=quote)",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """The text without user and password in addresses, bearer tokens, keys of ours, and `password=...` pairs."""
    text = _IN_URLS.sub(rf"\g<before>{HIDDEN}@", text)
    text = _BEARER.sub(rf"\g<before>{HIDDEN}", text)
    text = _TOKENS.sub(f"baro_{HIDDEN}", text)
    return _NAMED.sub(rf"\g<before>{HIDDEN}", text)
