"""Accounts of a validation: who stands where under another model, and the misjudged one by one."""

from __future__ import annotations

from collections.abc import Callable

from barograph.charts.marks import shade
from barograph.reports.render.blocks import Block, Cell, Section, Table, figure, table
from barograph.reports.render.phrases import Record, date_words, score_words, tier_words
from barograph.reports.render.validate_figures import NONE, TIERS, amount, before, kind_words
from barograph.reports.validate_words import NAMES

MOST_LISTED = 50


def migration_section(document: Record) -> Section:
    """Past accounts, then today's, under two models."""
    currency = document["currency"]
    blocks = []
    for pair in document["reclassified"]:
        names = [kind_words(document, pair[side]).lower() for side in ("before", "after")]
        title = f"From {names[0]} to {names[1]}, {before(pair['days'])}"
        told = "Past decisions: accounts, and how many of them were lost. A better model moves the lost to the left."
        cells = {(c["before"], c["after"]): c for c in pair["cells"]}
        blocks.append(
            Block(
                title,
                tables=(_matrix(document, cells, lambda c: (int(c["n"]), f"{c['lost']:,} lost"), told),),
            )
        )
    today = document["migration"]
    if today is not None:
        cells = {(c["before"], c["after"]): c for c in today["cells"]}
        told = (
            f"{today['moved']:,} of {today['accounts']:,} accounts would stand in another tier, with "
            f"{amount(today['moved_arr'], currency)} of revenue."
        )
        blocks.append(
            Block(
                f"Today's accounts, {date_words(today['as_of'])}: from {document['model']['version']} to "
                f"{document['proposed']['version']}",
                tables=(
                    _matrix(
                        document, cells, lambda c: (int(c["accounts"]), amount(c["arr"], currency)), told
                    ),
                ),
            )
        )
    if not blocks:
        blocks.append(Block(paragraphs=("There is no other model whose tiers differ.",)))
    return Section(
        "migration",
        "What another model would change",
        "From the tier under one model (rows) to that under the other (columns).",
        tuple(blocks),
    )


def misjudged_section(document: Record) -> Section:
    """Green that churned, red that renewed."""
    days, currency = document["listed_days"], document["currency"]
    blocks = []
    for key, title, empty in (
        ("green_lost", "Healthy or better, and lost", "No account was Healthy or better and lost."),
        ("red_kept", "At Risk, and kept", "No account was At Risk and kept."),
    ):
        accounts = document[key]
        rows = [
            (
                Cell(a["name"] or a["account_id"], detail=a["account_id"] if a["name"] else ""),
                Cell(a["segment"] or NONE),
                figure(amount(a["arr"], currency)),
                figure(score_words(a["score"])),
                Cell(date_words(a["as_of"])),
                Cell(date_words(a["decided"])),
                Cell(a["outcome"], detail="worked" if a["treated"] else ""),
            )
            for a in accounts[:MOST_LISTED]
        ]
        more = len(accounts) - MOST_LISTED
        told = (f"{more:,} more are in the JSON document.",) if more > 0 else ()
        tables = (
            (table("Account | Segment | Revenue # | Score # | Looked at | Decided | Outcome", rows),)
            if rows
            else ()
        )
        blocks.append(Block(f"{title}: {len(accounts):,}", told if rows else (empty,), tables=tables))
    return Section(
        "misjudged",
        "Misjudged, account by account",
        f"By {NAMES[document['listed_kind']]}, {before(days)} the decision, largest revenue first. "
        "What these have in common is where a better signal hides."
        if days is not None
        else "",
        tuple(blocks),
    )


def _matrix(
    document: Record,
    cells: dict[tuple[str, str], Record],
    shown: Callable[[Record], tuple[int, str]],
    told: str,
) -> Table:
    labels = document.get("tier_labels", {})
    used = [t for t in TIERS if any(t in pair for pair in cells)]
    most = max((shown(c)[0] for (one, two), c in cells.items() if one != two), default=0)
    rows = []
    for one in used:
        line = [Cell(tier_words(one, labels), tier=one)]
        for two in used:
            cell = cells.get((one, two))
            if cell is None:
                line.append(Cell("", figure=True))
                continue
            count, detail = shown(cell)
            kind = (
                ""
                if "insufficient" in (one, two) and one != two
                else shade(used.index(one), used.index(two), count, most)
            )
            line.append(Cell(f"{count:,}", figure=True, detail=detail, shade="" if one == two else kind))
        rows.append(tuple(line))
    columns = (("", False), *((tier_words(t, labels), True) for t in used))
    return Table(columns, tuple(rows), told, matrix=True)
