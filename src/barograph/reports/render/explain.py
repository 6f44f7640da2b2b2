"""One account explained, for a terminal: the decomposition that adds up, what moved, and what would lift it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from barograph.core.words_ledger import points_words
from barograph.reports.heading import heading_lines
from barograph.reports.render.phrases import (
    Record,
    change_words,
    date_words,
    line_points,
    line_words,
    printable,
    record_words,
    revenue_words,
    score_words,
    short_date,
    sparkline,
    tier_words,
    until_words,
)
from barograph.reports.render.terminal import Narrow, heading, labelled, plain_table, tier_text

WEEKS_SHOWN = 26
MISSING = {
    "no_data": "no data",
    "no_recent": "nothing recent",
    "stale_feed": "feed stopped",
    "too_little_support": "too little to go by",
    "too_new": "too early",
    "not_applicable": "does not apply",
    "undefined": "nothing to compare",
    "pending": "time left",
}
STAGE_WORDS = {
    "time_to_value": "time to value",
    "activation": "activation",
    "adoption_depth": "depth of adoption",
    "renewal": "renewal",
    "expansion": "expansion",
}


def explain_renderables(document: Record) -> list[RenderableType]:
    """The parts of a `barograph.explain/1` document, to be printed one after the other."""
    document = printable(document)
    parts: list[RenderableType] = [
        *(Text(line, style="dim") for line in heading_lines(dict(document))),
        Text(),
    ]
    parts += [_title(document), _facts(document)]
    parts += [heading("What the score is made of"), *_components(document)]
    if document["caps"]:
        parts += [heading("Caps"), *_caps(document["caps"])]
    parts += [heading("What moved"), *_ledger(document)]
    if document["lift"]:
        parts += [heading("What would lift it a tier"), Text(document["lift"])]
    if document["targets"]:
        parts += [heading("What good looks like"), _targets(document["targets"])]
    return [Narrow(part) for part in parts]


def missing_words(reason: str) -> str:
    """Why a signal has no value, short enough for a column."""
    return MISSING.get(reason, reason.replace("_", " "))


def _title(document: Record) -> Text:
    name, identity = document["name"] or document["account_id"], document["account_id"]
    text = Text(name, style="bold")
    text.append(f"  {identity}" if identity != name else "", style="dim")
    places = [str(part) for part in dict.fromkeys((document["segment"], document["plan"])) if part]
    if places:
        text.append(f"  {' · '.join(places)}", style="dim")
    return text


def _facts(document: Record) -> RenderableType:
    as_of, currency = document["workspace_as_of"], document["currency"]
    score = Text(score_words(document["score"]), style="bold")
    if moved := change_words(document["change"]):
        score.append(f" {moved}", style="dim")
    score.append("  ").append(tier_text(document["tier"], tier_words(document["tier"], {})))
    if document["about_to_turn"]:
        score.append(", about to turn", style="bold red")
    opt_out, renewal = document["opt_out"], document["renewal"]
    money = [revenue_words(document["arr"], currency)]
    if opt_out:
        money.append(f"opt-out {until_words(opt_out, as_of)} ({date_words(opt_out)})")
    if renewal:
        money.append(f"renewal {date_words(renewal)}")
    return labelled(
        [
            ("score", score),
            ("history", _history(document["history"])),
            ("why", Text(document["why"])),
            ("tier", Text(document["tier_why"])),
            ("heading", Text(document["heading_words"])),
            ("money", Text(", ".join(money))),
            ("owner", Text(document["owner"] or "nobody yet")),
            ("part of", Text(", ".join(document.get("part_of") or ()))),
            ("known", Text(f"{document['coverage'] * 100:.0f}% of what the model looks at")),
            ("record", Text(record_words(document))),
        ],
        indent=0,
    )


def _history(points: Sequence[Record]) -> Text:
    shown = list(points)[-WEEKS_SHOWN:]
    if not shown:
        return Text("")
    known = [point["score"] for point in shown if point["score"] is not None]
    text = Text(sparkline([point["score"] for point in shown]))
    first = date_words(shown[0]["as_of"])
    told = f"lowest {min(known):.0f}, highest {max(known):.0f}" if known else "no score yet"
    return text.append(f"  since {first}: {told}", style="dim")


def _components(document: Record) -> list[RenderableType]:
    """Components with their signals; the points add up to the score line by line."""
    words = {signal["name"]: signal["words"] for signal in document["signals"]}
    scored = document["score"] is not None
    table = plain_table(("", False), ("Value", True), ("Of 100", True), ("Weight", True), ("Points", True),
                        ("Lost", True))  # fmt: skip
    for component in document["components"]:
        name = Text(component["label"], style="bold")
        table.add_row(name, "", _figure(component["score"] if scored else None), *_share(component, scored))
        for signal in component["signals"]:
            reason = signal["missing"]
            value = Text(missing_words(reason), style="yellow") if reason else Text(words[signal["name"]])
            indented = Padding(Text(signal["label"]), (0, 0, 0, 2))
            table.add_row(
                indented, value, _figure(signal["normalised"]), *_share(signal, scored), style="dim"
            )
    if not scored:
        return [table, Text("Too little is known, so there is no score.", style="dim")]
    points = sum(cap["points"] for cap in document["caps"])
    for label, value in (("Base", document["base"]), ("Caps", points)):
        if value:
            table.add_row(label, "", "", "", _figure(value), "")
    table.add_row(Text("Score", style="bold"), "", "", "", Text(_figure(document["score"]), style="bold"), "")
    note = "Weights are points of 100; what a signal without a value would weigh is spread over the others."
    spread = any(signal["missing"] for component in document["components"] for signal in component["signals"])
    return [table, Text(note, style="dim")] if spread else [table]


def _share(part: Record, scored: bool) -> tuple[str, str, str]:
    """Weight, points and what is lost of the weight; empty where there is no score that they could add up to."""
    if not scored:
        return ("", "", "")
    lost = round(part["weight"] - part["contribution"], 1)
    return (_figure(part["weight"]), _figure(part["contribution"]), f"{-lost:.1f}" if lost > 0 else "")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{round(value, 1) + 0.0:.1f}"


def _caps(caps: Sequence[Record]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for cap in caps:
        held = "holds the tier" if cap["holds_tier"] else "does not bind this week"
        at_most = tier_words(cap["tier_at_most"], {})
        points = f", {points_words(cap['points'])}" if cap["points"] else ""
        lines.append(Text(f"{cap['label']}: {at_most} at most, {held}{points}"))
    return lines


def _ledger(document: Record) -> list[RenderableType]:
    change, lines = document["change"], document["ledger"]
    if change is None:
        return [Text("The account's first week with a score: there is nothing to compare with.", style="dim")]
    if change["from"] is None or change["to"] is None:
        return [Text("No score in one of the two weeks, so there is no difference to explain.", style="dim")]
    since = short_date(change["since"], document["workspace_as_of"])
    before = f"on {since}" if since else "before"
    if not lines:
        told = "Nothing moved." if change["statement"] == "items" else document["why"]
        return [Text(f"{told} Score {change['from']:.1f} {before}, {change['to']:.1f} now.", style="dim")]
    table = plain_table(("", False), ("Kind", False), ("Points", True))
    table.add_row(Text(f"Score {before}"), "", f"{change['from']:.1f}", style="dim")
    for line in lines:
        style = "red" if line["points"] < 0 else "green" if line["points"] > 0 else ""
        told = line_points(line)
        points = told if told == "tier only" else f"{line['points']:+.2f}"
        table.add_row(Text(line_words(line)), line["kind"], Text(points, style=style))
    table.add_row(Text("Score now", style="bold"), "", Text(f"{change['to']:.1f}", style="bold"))
    return [table]


def _targets(targets: Sequence[Record]) -> RenderableType:
    table = plain_table(("Target", False), ("Stage", False), ("Now", True), ("", False))
    for target in targets:
        met = target["met"]
        said = (
            Text("unknown", style="dim")
            if met is None
            else Text("met" if met else "not met", style="green" if met else "yellow")
        )
        table.add_row(
            Text(target["label"]),
            STAGE_WORDS.get(target["stage"], target["stage"]),
            Text(target["value"]),
            said,
        )
    return table
