"""Which row of a sheet or text file holds the names of the columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

SEARCHED = 50
_VALUE = re.compile(r"[+-]?[\d.,'\s]*\d%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*", re.ASCII)


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Index of the header among the first rows of a table, or None when no row looks like one.

    Title rows above a header are narrower than the table, so the header is the first row that names at least
    as many columns as most rows are wide (in wide tables one may be unnamed), with names that differ and do
    not look like numbers or dates.
    """
    rows = rows[:SEARCHED]
    widths = [_width(row) for row in rows]
    filled = [width for width in widths if width > 0]
    if not filled:
        return None
    common = Counter(filled).most_common()
    most = max(width for width, count in common if count == common[0][1])
    for index, row in enumerate(rows):
        if _could_name(row, most - 1 if most > 2 else most):
            return index
    return next((index for index, row in enumerate(rows) if _could_name(row, 1)), None)


def clean_names(row: Sequence[str], width: int) -> tuple[str, ...]:
    """The names in a header row, padded with empty names to `width`; line breaks become spaces."""
    names = [" ".join(str(cell).split()) for cell in row]
    return tuple(names + [""] * (width - len(names)))


def _width(row: Sequence[str]) -> int:
    """Columns up to the last that has a value."""
    return max((index + 1 for index, cell in enumerate(row) if cell.strip()), default=0)


def _could_name(row: Sequence[str], width: int) -> bool:
    names = [cell.strip() for cell in row if cell.strip()]
    return (
        len(names) >= width
        and len({name.lower() for name in names}) == len(names)
        and not any(_VALUE.fullmatch(name) for name in names)
    )
