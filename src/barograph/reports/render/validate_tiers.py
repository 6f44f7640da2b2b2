"""Tiers of a validation: where lost and kept accounts stood, what At Risk was worth, where risk would draw lines."""

from __future__ import annotations

from collections.abc import Sequence

from barograph.charts.marks import TierShare, tier_bar
from barograph.reports.render.blocks import Block, Cell, Chart, Section, Table, figure, table
from barograph.reports.render.phrases import Record, tier_words
from barograph.reports.render.validate_figures import (
    NONE,
    amount,
    auc_cell,
    before,
    kind_words,
    model_of,
    per_cent,
    share_bar,
    share_cell,
)


def tiers_section(document: Record, kind: str) -> Section:
    """Confusion by tier at every horizon, and At Risk as a warning."""
    blocks = [
        Block(before(horizon["days"]), charts=charts, tables=(counts,))
        for horizon in _longest_first(document)
        if model_of(horizon, kind)["n"]
        for charts, counts in (_where_they_stood(horizon, kind, document),)
    ]
    blocks.append(
        Block(
            "At Risk as a warning",
            ("Precision: of those it named, how many were lost. Recall: of those lost, how many it named.",),
            tables=(_warnings(document, kind),),
        )
    )
    return Section(
        "tiers",
        "Where lost and kept accounts stood",
        f"By tier of the model judged ({kind_words(document, kind).lower()}), on rows out of time. A good score has "
        "the lost at the left and the kept at the right.",
        tuple(blocks),
    )


def parts_section(document: Record, kind: str) -> Section:
    """Segments, worked accounts, downsells."""
    blocks = []
    horizons = [h for h in _longest_first(document) if model_of(h, kind)["n"]]
    if horizons:
        longest = horizons[0]
        rows = [_part(s["segment"] or "no segment", s) for s in model_of(longest, kind)["segments"]]
        if rows:
            blocks.append(
                Block(f"By segment, {before(longest['days'])}", tables=(_parts_table("Segment", rows),))
            )
        worked = [
            _part(f"{name}, {before(h['days'])}", model_of(h, kind)[key])
            for h in horizons
            for name, key in (("not worked", "untreated"), ("worked", "treated"))
        ]
        told = (
            "Worked: At Risk or Watch when looked at, then an escalation or a meeting of executives before the "
            "decision. A worked account that stayed may be a rescue, which is no fault of the score."
        )
        blocks.append(Block("Worked and not worked", (told,), tables=(_parts_table("Accounts", worked),)))
        blocks.append(
            Block(
                "Downsells beside churn",
                (
                    "A fall of 15% or more of recurring revenue. They count as kept above, and are shown here.",
                ),
                tables=(_downsells(horizons, kind, document["currency"]),),
            )
        )
    return Section("parts", "Segments, worked accounts, downsells", "", tuple(blocks))


def lines_section(document: Record) -> Section:
    """Tier lines from risk."""
    lines, version = document["lines"], document["proposed"]["version"]
    blocks = []
    for title, found in (
        ("", lines["proposed"]),
        ("Lines that the model in force was approved with", lines["approved"]),
        (f"Lines of the proposed {version}", document["proposed"]["tiers"]),
    ):
        if found:
            blocks.append(Block(title, tables=(_lines_table(found),)))
    if lines["refused"]:
        told = tuple(f"{r['segment'] or 'All accounts'}: {r['text']}." for r in lines["refused"])
        blocks.append(Block(paragraphs=told))
    return Section(
        "lines",
        "Where risk would draw the lines",
        "At Risk from twice the base odds of loss, Watch from the base odds, Growth below half of them, on the "
        "scores of the model in force. Precision and recall are what these lines would have given on the same past "
        "accounts. How many accounts the team can work never moves a line: capacity is "
        "drawn across the list of the Monday review.",
        tuple(blocks),
    )


def _lines_table(lines: Sequence[Record]) -> Table:
    """Lines as scores, beside today's where they are on the same scale, and what followed from them."""
    rows = [
        (
            Cell(line["segment"] or "all accounts"),
            figure(f"{line['outcomes']:,}", f"{line['lost']:,} lost"),
            *(figure(_line(line, tier), _now(line, tier)) for tier in ("watch", "healthy", "growth")),
            figure(per_cent(line["risk_at_risk"])),
            figure(f"{line['at_risk_n']:,}" if "at_risk_n" in line else NONE),
            share_cell(line, "at_risk_precision"),
            share_cell(line, "at_risk_recall"),
        )
        for line in lines
    ]
    columns = (
        "Lines of | Outcomes # | Watch from # | Healthy from # | Growth from # | At Risk means loss above # | "
        "At Risk # | Precision # | Recall #"
    )
    return table(columns, rows)


def _longest_first(document: Record) -> list[Record]:
    return sorted(document["horizons"], key=lambda h: -h["days"])


def _where_they_stood(horizon: Record, kind: str, document: Record) -> tuple[tuple[Chart, ...], Table]:
    """Two bars, the lost and the kept by tier, and the tiers as a table."""
    model, currency, labels = model_of(horizon, kind), document["currency"], document.get("tier_labels", {})
    rows = [
        (
            Cell(tier_words(t["tier"], labels), tier=t["tier"]),
            figure(f"{t['n']:,}"),
            figure(f"{t['lost']:,}"),
            share_cell(t, "rate"),
            share_bar(t, "rate", t["tier"]),
            figure(f"{t['downsold']:,}"),
            figure(amount(t["arr"], currency)),
            figure(amount(t["arr_lost"], currency)),
        )
        for t in model["tiers"]
        if t["n"]
    ]
    columns = "Tier | Accounts # | Lost # | Loss rate # | | Downsold # | Revenue # | Revenue lost #"
    found = []
    for name, count in (("lost", _lost), ("kept", _kept)):
        total = sum(count(t) for t in model["tiers"])
        shares = [
            TierShare(t["tier"], tier_words(t["tier"], labels), float(count(t))) for t in model["tiers"]
        ]
        if total:
            mark = tier_bar(shares, of=f"accounts {name}")
            found.append(Chart(f"{total:,} {name}", mark, Table((), ()), broad=True))
    return tuple(found), table(columns, rows)


def _lost(tier: Record) -> int:
    return int(tier["lost"])


def _kept(tier: Record) -> int:
    return int(tier["n"] - tier["lost"])


def _warnings(document: Record, kind: str) -> Table:
    rows = []
    for horizon in _longest_first(document):
        model = model_of(horizon, kind)
        if not model["n"]:
            continue
        for key, words in (("at_risk", "At Risk"), ("watch_or_worse", "At Risk or Watch")):
            rows.append(
                (
                    Cell(f"{words}, {before(horizon['days'])}"),
                    figure(f"{model[f'{key}_lost']:,} of {model[f'{key}_n']:,}"),
                    share_cell(model, f"{key}_precision"),
                    share_cell(model, f"{key}_recall"),
                    share_bar(model, f"{key}_recall"),
                    share_cell(model, f"{key}_arr_precision"),
                    share_cell(model, f"{key}_arr_recall"),
                    figure(f"{model[f'{key}_kept_treated']:,}"),
                )
            )
    columns = (
        "Warning | Lost, of those named # | Precision # | Recall # | | Precision by revenue # | "
        "Recall by revenue # | Kept and worked #"
    )
    return table(columns, rows)


def _parts_table(first: str, rows: list[tuple[Cell, ...]]) -> Table:
    columns = (
        "Accounts # | Lost # | Loss rate # | AUC # | Promised losses # | At Risk # | Precision # | Recall #"
    )
    return table(f"{first} | {columns} | Refused", rows)


def _part(name: str, part: Record) -> tuple[Cell, ...]:
    return (
        Cell(name),
        figure(f"{part['n']:,}"),
        figure(f"{part['lost']:,}"),
        share_cell(part, "rate") if part["n"] else figure(NONE),
        auc_cell(part),
        figure(NONE if part["expected"] is None else f"{part['expected']:.1f}"),
        figure(f"{part['at_risk_n']:,}"),
        share_cell(part, "at_risk_precision"),
        share_cell(part, "at_risk_recall"),
        Cell("" if not part["n"] else part["note"] or ""),
    )


def _downsells(horizons: list[Record], kind: str, currency: str) -> Table:
    rows = []
    for horizon in horizons:
        down = model_of(horizon, kind)["downsell"]
        rows.append(
            (
                Cell(before(horizon["days"])),
                figure(f"{down['n']:,}", f"of {down['stayed']:,} that stayed"),
                figure(amount(down["arr_lost"], currency)),
                share_cell(down, "warned") if down["n"] else figure(NONE),
                auc_cell(down),
                Cell(down["note"] or ""),
            )
        )
    return table("Looked at | Downsold # | Revenue lost # | Were At Risk or Watch # | AUC # | Refused", rows)


def _line(line: Record, tier: str) -> str:
    """A line above 100 is never reached; a tier that the model in force does not have, has none."""
    if f"{tier}_from_now" not in line and "watch_from_now" in line:
        return NONE
    return "nobody" if line[f"{tier}_from"] > 100 else f"{line[f'{tier}_from']:.0f}"


def _now(line: Record, tier: str) -> str:
    now = line.get(f"{tier}_from_now")
    return "" if now is None else f"now {now:g}"
