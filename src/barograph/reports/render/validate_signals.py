"""Signals of a validation: how kept and lost accounts are spread over each, and the weights with their intervals."""

from __future__ import annotations

from barograph.charts.cells import interval_dot, separation
from barograph.reports.render.blocks import Block, Cell, Chart, Section, Table, figure, table
from barograph.reports.render.phrases import Record
from barograph.reports.render.validate_figures import NONE, auc_cell, auc_dot, decimal, per_cent

WIDEST_WEIGHT = 40.0
"""Points at the right end of the scale of weights, at least."""


def signals_section(document: Record) -> Section:
    """One picture per signal, then all of them in a table."""
    blocks = []
    if document["signals_refused"]:
        blocks.append(Block(paragraphs=(document["signals_refused"],)))
    charts = tuple(chart for s in document["signals"] if (chart := _picture(s)) is not None)
    if charts:
        blocks.append(Block(charts=charts))
    blocks.append(Block("Weights", tables=(_weights(document),)))
    if document["signals_unused"]:
        names = ", ".join(document["signals_unused"])
        blocks.append(Block(paragraphs=(f"Validated and in no model: {names}.",)))
    return Section(
        "signals",
        "What each signal says by itself",
        f"{document['signals_days']} days before the decision, on all decisions, healthier values to the right. "
        "Kept accounts stand above the line, lost ones below, each as shares of their side; if both look alike, "
        f"the signal says nothing. {document['tried']} candidates were tried, and "
        "the false-discovery control counts every one.",
        tuple(blocks),
    )


def _picture(signal: Record) -> Chart | None:
    known = [p for p in signal["pieces"] if p["low"] is not None]
    if signal["direction"] == "down":
        known.reverse()
    missing = [p for p in signal["pieces"] if p["low"] is None]
    pieces, labels = [*known, *missing], [_range(p) for p in (*known, *missing)]
    mark = separation(
        [p["kept"] for p in known],
        [p["lost"] for p in known],
        labels[: len(known)],
        f"{signal['label']}: kept and lost accounts by value",
        unknown=(missing[0]["kept"], missing[0]["lost"]) if missing else (0, 0),
    )
    if not mark:
        return None
    rows = [
        (
            Cell(label),
            figure(f"{p['kept']:,}"),
            figure(f"{p['lost']:,}"),
            figure(per_cent(p["lost"] / (p["kept"] + p["lost"]))),
        )
        for p, label in zip(pieces, labels, strict=True)
        if p["kept"] + p["lost"]
    ]
    told = ""
    if signal["auc"] is not None:
        low, high = decimal(signal["auc_low"]), decimal(signal["auc_high"])
        told = f"AUC {decimal(signal['auc'])} ({low} to {high}), n = {signal['n']:,}: {signal['verdict']}"
    return Chart(signal["label"], mark, table("Value | Kept # | Lost # | Loss rate #", rows), told)


def _range(piece: Record) -> str:
    if piece["low"] is None:
        return "unknown"
    low, high = f"{piece['low']:.4g}", f"{piece['high']:.4g}"
    return low if low == high else f"{low} to {high}"


def _weights(document: Record) -> Table:
    proposed = any(s["proposed_weight"] is not None for s in document["signals"])
    names = [f"{kind}{end}" for kind in ("weight", "proposed_weight") for end in ("", "_high")]
    most = max([WIDEST_WEIGHT, *(s[n] for s in document["signals"] for n in names if s[n] is not None)])
    rows = []
    for s in document["signals"]:
        cells = [Cell(s["label"], detail=s["name"]), *_weight(s, "weight", most)]
        if proposed:
            cells += _weight(s, "proposed_weight", most)
        auc = [auc_cell(s), auc_dot(s)] if s["auc"] is not None else [figure(NONE), Cell("")]
        cells += [
            *auc,
            figure(NONE if s["n"] is None else f"{s['n']:,}"),
            figure(per_cent(s["coverage"])),
            figure(decimal(s["q_value"], 3)),
            Cell(s["verdict"] or NONE),
        ]
        rows.append(tuple(cells))
    both = " Proposed # | |" if proposed else ""
    columns = f"Signal | Weight # | |{both} AUC alone # | | Accounts # | Known of # | q # | Verdict"
    told = (
        "Weights in points of 100; an opinion has no interval. q: the share of false signals to expect among those "
        "at least as strong."
    )
    return table(columns, rows, told)


def _weight(signal: Record, name: str, most: float) -> list[Cell]:
    """The weight with its interval, in words and as a mark."""
    value, low, high = signal[name], signal[f"{name}_low"], signal[f"{name}_high"]
    if value is None:
        return [figure(NONE), Cell("")]
    told = "opinion" if low is None or high is None else f"{low:.0f} to {high:.0f}"
    return [figure(f"{value:.0f}", told), Cell("", mark=interval_dot(value, low, high, 0.0, most))]
