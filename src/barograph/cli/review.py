"""`barograph review`: the Monday review on screen, or as one file to forward."""

from __future__ import annotations

import difflib
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from barograph.cli.options import AsOfOption, OutputOption, WorkspaceOption, open_workspace, requested_day
from barograph.cli.output import Format, emit, write_text
from barograph.core.calendar import to_date
from barograph.errors import RefusedError
from barograph.pipeline.engine import engine_of
from barograph.reports.context import WeekContext, day_context
from barograph.reports.render.html import review_html
from barograph.reports.render.markdown import review_markdown
from barograph.reports.render.rows import review_rows
from barograph.reports.render.terminal import review_renderables
from barograph.reports.review import review_document


class ReviewFormat(StrEnum):
    """What the command prints."""

    table = "table"
    json = "json"
    csv = "csv"
    html = "html"
    md = "md"


def review(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    owner: Annotated[str | None, typer.Option(metavar="EMAIL", help="Only this owner's accounts.")] = None,
    segment: Annotated[
        str | None, typer.Option(metavar="SEGMENT", help="Only accounts of this segment.")
    ] = None,
    format: Annotated[
        ReviewFormat, typer.Option("--format", help="How to print it; html is one file to forward.")
    ] = ReviewFormat.table,
    output: OutputOption = None,
) -> None:
    """The Monday review: what changed, why, who is on it, by when, and what needs attention."""
    place = open_workspace(workspace)
    day = requested_day(as_of, place)
    context = day_context(place, engine_of(place), day)
    check_filters(context, owner, segment)
    if context.day < day:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"The last scored week is {to_date(context.day)}; `barograph refresh --as-of {to_date(day)}` brings it up "
            "to date."
        )
    document = review_document(context, owner, segment)
    match format:
        case ReviewFormat.html:
            write_text(review_html(document), output)
        case ReviewFormat.md:
            write_text(review_markdown(document), output)
        case _:
            emit(
                document,
                table=lambda: review_renderables(document),
                rows=lambda: review_rows(document),
                format=Format(format.value),
                output=output,
            )


def check_filters(context: WeekContext, owner: str | None, segment: str | None) -> None:
    """Raises RefusedError, with the nearest values there are, when a filter fits no account of the week.

    An account that left this week counts: its owner may ask about it.
    """
    rows: list[dict[str, Any]] = [*context.rows, *(context.before.rows if context.before else ())]
    for option, column, wanted in (("--owner", "csm_email", owner), ("--segment", "segment", segment)):
        if wanted is None:
            continue
        there = sorted({str(row[column]) for row in rows if row[column] is not None})
        if wanted not in there:
            holding = [value for value in there if wanted.casefold() in value.casefold()]
            near = (holding or difflib.get_close_matches(wanted, there, cutoff=0.4) or there)[:3]
            raise RefusedError(
                f"{option} {wanted!r}: no account scored as of {to_date(context.day)} has it.",
                hint=f"There is: {', '.join(near)}." if near else f"No account has a value in {column}.",
            )
