"""Taking somebody's name out of texts and of documents kept as JSON, leaving the rest of them as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """How somebody is named in texts, and what stands there afterwards. Names shorter than `shortest` are taken out
    only where they are all of a text, as an owner is: inside sentences they would be found in other words."""

    words: tuple[str, ...]
    replacement: str
    shortest: int

    def within(self, value: Any) -> Any:
        """A JSON value or a text without the person; the same object where they are not in it."""
        if isinstance(value, dict):
            found = {key: self.within(part) for key, part in value.items()}
            return value if found == value else found
        if isinstance(value, list):
            parts = [self.within(part) for part in value]
            return value if parts == value else parts
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text.strip().lower() in {word.lower() for word in self.words}:
            return self.replacement
        long = sorted((w for w in self.words if len(w) >= self.shortest), key=len, reverse=True)
        if not long:
            return text
        return re.sub("|".join(map(re.escape, long)), lambda _: self.replacement, text, flags=re.IGNORECASE)
