"""The known name nearest to one that is not known, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, or None if none is near; case, spaces, - and _ do not count."""
    plain = {_plain(candidate): candidate for candidate in sorted(set(known), reverse=True)}
    found = get_close_matches(_plain(name), sorted(plain), n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c not in " -_")
