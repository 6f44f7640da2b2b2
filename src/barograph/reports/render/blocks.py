"""What a long report is laid out from: sections of paragraphs, tables and charts, each chart with its table.

Texts are plain and made safe by whoever writes them; marks are SVG that `barograph.charts` has escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. tier: a pill in that tier's colours. mark: SVG beside the text; figure: stands right. detail: in a
    quieter voice after the text. shade: class of a matrix cell."""

    text: str
    tier: str = ""
    mark: str = ""
    figure: bool = False
    detail: str = ""
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """columns: (name, whether its cells are figures). Every row has as many cells as there are columns."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    matrix: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture under its title, and the numbers it was drawn from; a table without rows stands beside it already.
    broad: it takes the whole width."""

    title: str
    mark: str
    table: Table
    detail: str = ""
    broad: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a section: title (may be ""), paragraphs, charts side by side, then tables."""

    title: str = ""
    paragraphs: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """key: the anchor. Blocks without anything in them are left out by whoever builds the section."""

    key: str
    title: str
    intro: str = ""
    blocks: tuple[Block, ...] = field(default=())


def figure(text: str, detail: str = "") -> Cell:
    """A cell that holds a number."""
    return Cell(text, figure=True, detail=detail)


def table(columns: str, rows: Sequence[tuple[Cell, ...]], caption: str = "") -> Table:
    """A table from "Tier | Accounts # | Lost #": a # after the name marks a column of figures."""
    names = [name.strip() for name in columns.split("|")]
    return Table(
        tuple((name.removesuffix("#").strip(), name.endswith("#")) for name in names), tuple(rows), caption
    )
