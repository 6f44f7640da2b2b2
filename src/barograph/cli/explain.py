"""`barograph explain ACCOUNT`: the decomposition, why it moved, what would lift it a tier."""

from __future__ import annotations

from typing import Annotated

import typer

from barograph.cli.options import (
    AsOfOption,
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_workspace,
    requested_day,
)
from barograph.cli.output import Format, emit
from barograph.pipeline.engine import engine_of
from barograph.reports.context import day_context
from barograph.reports.explain import explain_document
from barograph.reports.render.explain import explain_renderables


def explain(
    account: Annotated[str, typer.Argument(help="An account id, or a name that only one account has.")],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    format: FormatOption = Format.table,
    output: OutputOption = None,
) -> None:
    """Why an account scores as it does, what changed, and what would lift it a tier."""
    place = open_workspace(workspace)
    context = day_context(place, engine_of(place), requested_day(as_of, place))
    document = explain_document(context, account)
    emit(
        document,
        table=lambda: explain_renderables(document),
        rows=lambda: [
            {
                "component": c["name"],
                "signal": s["name"],
                "value": s["value"],
                "normalised": s["normalised"],
                "weight": s["weight"],
                "contribution": s["contribution"],
                "missing": s["missing"],
            }
            for c in document["components"]
            for s in c["signals"]
        ],
        format=format,
        output=output,
    )
