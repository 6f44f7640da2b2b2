"""The validation report as Markdown: the same words and tables, without the pictures; texts are escaped."""

from __future__ import annotations

from barograph.reports.render.blocks import Block, Cell, Table
from barograph.reports.render.markdown import plain
from barograph.reports.render.phrases import Record
from barograph.reports.render.validate_view import ValidateView, validate_view


def validate_markdown(document: Record) -> str:
    """The page of a `barograph.validate/1` document. A chart is told by its table."""
    view = validate_view(document)
    parts = [*_head(view)]
    for section in view.sections:
        parts.append(f"## {plain(section.title)}")
        if section.intro:
            parts.append(plain(section.intro))
        for block in section.blocks:
            parts += _block(block)
    return "\n\n".join([*parts, "---", *map(plain, view.footer)]) + "\n"


def _head(view: ValidateView) -> list[str]:
    return [
        f"# {plain(view.title)} {plain(view.workspace)}",
        f"{plain(view.as_of)}. **{plain(view.label)}:** {plain(view.label_words)}. Model {plain(view.model)}.",
        "## In short",
        "\n".join(f"- {plain(line)}" for line in view.headline),
        "## What it stands on",
        *map(plain, (*view.stands_on, *view.notices)),
        "## What is refused, and why",
        "\n".join(f"- {plain(line)}" for line in view.refused)
        or "Nothing: there were outcomes enough for every figure.",
    ]


def _block(block: Block) -> list[str]:
    parts = [f"### {plain(block.title)}"] if block.title else []
    parts += map(plain, block.paragraphs)
    for chart in block.charts:
        if chart.table.rows:
            detail = f": {plain(chart.detail)}" if chart.detail else ""
            parts += [f"**{plain(chart.title)}**{detail}", _table(chart.table)]
    for table in block.tables:
        parts += [plain(table.caption)] if table.caption else []
        parts.append(_table(table))
    return parts


def _table(table: Table) -> str:
    """Columns that hold pictures only are left out."""
    shown = [
        i
        for i, (name, _) in enumerate(table.columns)
        if name or i == 0 or any(row[i].text for row in table.rows)
    ]
    names = [plain(table.columns[i][0]) for i in shown]
    rules = ["---:" if table.columns[i][1] else "---" for i in shown]
    rows = [[_cell(row[i]) for i in shown] for row in table.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in (names, rules, *rows))


def _cell(cell: Cell) -> str:
    detail = f" ({plain(cell.detail)})" if cell.detail else ""
    return f"{plain(cell.text)}{detail}"
