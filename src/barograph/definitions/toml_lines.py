"""Where the keys of a TOML text stand, for messages; the parsers available do not say."""

from __future__ import annotations

import re
from collections.abc import Sequence

Step = str | int

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'")


class KeyLines:
    """Lines of the keys of a valid TOML text.

    A key's address is `(table, key)`, or `(table, entry, key)` for the entry (from 0) of a `[[table]]`.
    Keys inside inline tables and lists have the line of the key that holds them.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[Step, ...], int] = {}
        table: tuple[Step, ...] = ()
        entries: dict[str, int] = {}
        open_quote, depth = "", 0
        for number, line in enumerate(text.split("\n"), 1):
            if not open_quote and depth == 0:
                if header := _HEADER.match(line):
                    name = header.group(2)
                    table = tuple(name.split("."))
                    if header.group(1) == "[[":
                        entries[name] = entries.get(name, -1) + 1
                        self._lines.setdefault((name,), number)
                        table = (name, entries[name])
                    self._lines.setdefault(table, number)
                    continue
                if key := _KEY.match(line):
                    self._lines.setdefault((*table, key.group(1).strip("\"'")), number)
            open_quote, depth = _after(line, open_quote, depth)

    def line(self, path: Sequence[Step]) -> int | None:
        """The line of the key, else of the nearest key or table around it; None when nothing is known."""
        for end in range(len(path), 0, -1):
            if (found := self._lines.get(tuple(path[:end]))) is not None:
                return found
        return None

    def prefix(self, path: Sequence[Step]) -> str:
        """`line 12: `, or nothing when the line is not known."""
        line = self.line(path)
        return "" if line is None else f"line {line}: "


def _after(line: str, open_quote: str, depth: int) -> tuple[str, int]:
    """The multi-line quote and the bracket depth in force at the end of the line."""
    rest = line
    while rest:
        if open_quote:
            _, found, rest = rest.partition(open_quote)
            if not found:
                return open_quote, depth
            open_quote = ""
        elif rest.startswith(('"""', "'''")):
            open_quote, rest = rest[:3], rest[3:]
        elif (string := _STRING.match(rest)) is not None:
            rest = rest[string.end() :]
        elif rest[0] == "#":
            return "", depth
        else:
            depth += (rest[0] in "[{") - (rest[0] in "]}")
            rest = rest[1:]
    return open_quote, depth
