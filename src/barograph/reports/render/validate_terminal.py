"""A validation for a terminal: what it says in words, then the figures by horizon, good at 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.reports.render.phrases import Record, printable, tier_words
from barograph.reports.render.terminal import Narrow, heading, plain_table, tier_text
from barograph.reports.render.validate_figures import (
    NONE,
    amount,
    before,
    decimal,
    kind_words,
    model_of,
    per_cent,
    span,
)
from barograph.reports.validate_words import subject

MOST_NAMED = 10


def validate_renderables(document: Record) -> list[RenderableType]:
    """The parts of a `barograph.validate/1` document, to be printed one after the other.

    gap: mean difference of promised and observed loss. recall: of the lost, how many were At Risk.
    """
    document = printable(document)
    kind = subject(dict(document))
    parts: list[RenderableType] = [heading("In short"), *_listed(document["headline"])]
    for horizon in sorted(document["horizons"], key=lambda h: -h["days"]):
        counts = f"{horizon['n']:,} decisions, {horizon['lost']:,} lost"
        parts += [heading(f"{before(horizon['days'])}: {counts}"), _models(document, horizon)]
        if model_of(horizon, kind)["n"]:
            parts += [Text(), _tiers(document, horizon, kind)]
    if document["lines"]["proposed"]:
        parts += [heading("Where risk would draw the lines"), lines_table(document["lines"]["proposed"])]
    parts += [heading("Misjudged"), *_misjudged(document)]
    parts += [heading("Stands on"), *map(Text, document["stands_on"])]
    parts += [Text(line, style="dim") for line in document["notices"]]
    if document["refused"]:
        parts += [heading("Refused"), *_listed(document["refused"])]
    return [Narrow(part) for part in parts]


def lines_table(lines: Sequence[Record]) -> Table:
    """Tier lines from risk, and the precision and recall that follow; of a validation or of a proposal."""
    grid = _narrow_table("lines of", "outcomes", "Watch from", "Healthy", "Growth", "precision", "recall")
    for line in lines:
        grid.add_row(
            Text(line["segment"] or "all"),
            f"{line['outcomes']:,}",
            *(_line(line, tier) for tier in ("watch", "healthy", "growth")),
            per_cent(line["at_risk_precision"]),
            per_cent(line["at_risk_recall"]),
        )
    return grid


def _narrow_table(first: str, *figures: str) -> Table:
    """A table whose first column is never broken."""
    grid = plain_table((first, False), *((name, True) for name in figures))
    grid.columns[0].no_wrap = True
    return grid


def _line(line: Record, tier: str) -> str:
    at, now = line[f"{tier}_from"], line.get(f"{tier}_from_now")
    if now is None and "watch_from_now" in line:
        return NONE  # the model has no such tier
    told = "none" if at > 100 else f"{at:.0f}"
    return told if now is None else f"{told}, now {now:g}"


def _with_interval(entry: Record, name: str) -> str:
    interval = span(entry, name)
    return f"{per_cent(entry[name])} ({interval})" if interval else per_cent(entry[name])


def _listed(lines: Sequence[str]) -> list[RenderableType]:
    found: list[RenderableType] = []
    for line in lines:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_row("-", Text(line))
        found.append(grid)
    return found


def _models(document: Record, horizon: Record) -> Table:
    grid = _narrow_table("Model", "AUC", "bal. acc.", "log-loss", "gap", "recall")
    for model in horizon["models"]:
        auc = decimal(model["auc"])
        interval = span(model, "auc", share=False)
        grid.add_row(
            Text(kind_words(document, model["kind"])),
            f"{auc} ({interval})" if interval else auc,
            decimal(model["balanced_accuracy"]),
            decimal(model["log_loss"], 3),
            decimal(model["ece"], 3),
            per_cent(model["at_risk_recall"]),
        )
    return grid


def _tiers(document: Record, horizon: Record, kind: str) -> Table:
    first = f"Tier, {kind_words(document, kind).lower()}"
    grid = _narrow_table(first, "n", "lost", "loss rate", "downsold", "revenue lost")
    for tier in model_of(horizon, kind)["tiers"]:
        if tier["n"]:
            grid.add_row(
                tier_text(tier["tier"], tier_words(tier["tier"], document.get("tier_labels", {}))),
                f"{tier['n']:,}",
                f"{tier['lost']:,}",
                _with_interval(tier, "rate"),
                f"{tier['downsold']:,}",
                amount(tier["arr_lost"], document["currency"]),
            )
    return grid


def _misjudged(document: Record) -> list[RenderableType]:
    found: list[RenderableType] = []
    for key, words in (("green_lost", "Healthy or better, and lost"), ("red_kept", "At Risk, and kept")):
        accounts = document[key]
        names = ", ".join(
            f"{a['name'] or a['account_id']} ({amount(a['arr'], document['currency'])})"
            for a in accounts[:MOST_NAMED]
        )
        more = f" and {len(accounts) - MOST_NAMED:,} more" if len(accounts) > MOST_NAMED else ""
        when = "" if document["listed_days"] is None else f", {before(document['listed_days'])}"
        found.append(Text(f"{words}{when}: {names or 'nobody'}{more}."))
    return found
