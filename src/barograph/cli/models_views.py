"""The registry as people read it: lists, one version, two beside each other, and who moves between tiers."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import figures_table

MOST_SHOWN = 15
QUARTERS_SHOWN = 4


def listed(document: dict[str, Any]) -> list[RenderableType]:
    """Versions, then proposals."""
    versions = Table(box=None, pad_edge=False)
    for name in ("version", "", "label", "outcomes", "from", "by", "reason"):
        versions.add_column(name, no_wrap=name != "reason", justify="right" if name == "outcomes" else "left")
    for entry in document["versions"]:
        reason = entry["reason"] + (f" (override: {entry['override']})" if entry["override"] else "")
        versions.add_row(
            entry["version"],
            _standing(entry),
            entry["label"].replace("_", " "),
            str(entry["outcomes"]),
            entry["effective_from"],
            entry["created_by"],
            reason,
        )
    parts: list[RenderableType] = [versions]
    for entry in document["versions"]:
        if entry["fix_or_decommission"]:
            parts.append(Text(f"{entry['version']}: {entry['decay']}", style="red"))
    if document["proposals"]:
        grid = Table(box=None, pad_edge=False)
        for name in ("proposal", "", "kind", "stage", "outcomes", "may be approved", "why"):
            grid.add_column(name, no_wrap=name != "why")
        for entry in document["proposals"]:
            grid.add_row(
                entry["version"],
                _standing(entry),
                entry["kind"],
                (entry["stage"] or "").replace("_", " "),
                str(entry["outcomes"]),
                "yes" if entry["promoted"] else "with --override",
                entry["reason"],
            )
        parts += [Text(""), grid]
    return parts


def _standing(entry: dict[str, Any]) -> Text:
    if entry.get("in_force"):
        return Text("in force", style="green")
    return Text("shadow" if entry["shadow"] else "", style="cyan")


def shown(document: dict[str, Any]) -> list[RenderableType]:
    """One version: weights, lines, figures, and what it said in the shadow."""
    entry = document["entry"]
    grid = Table(box=None, pad_edge=False)
    grid.add_column("signal", no_wrap=True)
    grid.add_column("weight", justify="right")
    grid.add_column("component", no_wrap=True)
    for signal in document["signals"]:
        grid.add_row(signal["name"], f"{signal['weight']:g}", signal["component"] or "")
    lines = ", ".join(f"{t['tier'].replace('_', ' ')} from {t['from_score']:g}" for t in document["tiers"])
    parts: list[RenderableType] = [
        Text(f"{entry['version']}: {document['title']}", style="bold"),
        Text(entry["reason"]),
        Text(document["purpose"], style="dim"),
        grid,
        Text(f"Lines: {lines}."),
    ]
    if document["figures"].get("models"):
        parts += [Text("Out of time:"), figures_table(document["figures"]["models"])]
    for quarter in entry.get("validations", ())[-QUARTERS_SHOWN:]:
        parts.append(Text(f"Quarter {quarter['from']} to {quarter['to']}: {quarter['summary']}"))
    if entry.get("fix_or_decommission"):
        parts.append(Text(str(entry["decay"]), style="red"))
    if document["shadow"]:
        parts += [Text(""), *_shadow(document["shadow"], document["currency"])]
    return parts


def compared(document: dict[str, Any]) -> list[RenderableType]:
    """Two definitions: what differs, and which accounts stand elsewhere."""
    grid = Table(box=None, pad_edge=False)
    for name in ("what", "name", document["before"], document["after"]):
        grid.add_column(name, no_wrap=name in ("what", "name"))
    for change in document["changes"]:
        grid.add_row(change["what"], change["name"], change["before"] or "–", change["after"] or "–")
    parts: list[RenderableType] = [
        grid if document["changes"] else Text("Nothing that can change a number differs.")
    ]
    moved = document["migration"]
    if moved is None:
        return [*parts, Text("No week is scored yet, so there are no tiers to compare.", style="dim")]
    return [*parts, Text(""), *_migration(moved, document["currency"])]


def shadowed(document: dict[str, Any]) -> list[RenderableType]:
    """What starting or stopping a shadow did, and what to do next."""
    key, running = document["version"], document["running"]
    did = "is" if document["changed"] else "was"
    lines = [
        f"{key} {did} scored beside {document['model']['version']} "
        + ("from the next refresh on." if document["changed"] else "already.")
        if running
        else f"{key} is not scored alongside any more; what it scored stays."
    ]
    if running:
        lines += [
            "Nothing that is shown changes. `barograph refresh` scores this week with it too; then",
            f"`barograph scores --model {key}` and `barograph models show {key}` tell how it differs.",
        ]
    return [Text(line) for line in lines]


def _shadow(found: dict[str, Any], currency: str) -> list[RenderableType]:
    state = f"in the shadow since {found['since']}" if found["running"] else "no longer in the shadow"
    if not found["weeks"]:
        return [Text(f"{found['version']} is {state}; the next refresh scores it.")]
    weeks = "1 week" if found["weeks"] == 1 else f"{found['weeks']} weeks"
    told = f"{found['version']} is {state}: {weeks} scored, {found['from']} to {found['to']}."
    moved = found["migration"]
    return [Text(told)] if moved is None else [Text(told), *_migration(moved, currency)]


def _migration(moved: dict[str, Any], currency: str) -> list[RenderableType]:
    verb, damping = (
        ("stand", "as scored that week") if moved["as_shown"] else ("would stand", "before damping")
    )
    parts: list[RenderableType] = [
        Text(
            f"As of {moved['as_of']}, {moved['moved']} of {moved['accounts']} accounts {verb} in another tier "
            f"({moved['moved_arr']:,.0f} {currency}), {damping}:"
        ),
        _matrix(moved),
    ]
    for account in moved["accounts_moved"][:MOST_SHOWN]:
        parts.append(
            Text(
                f"  {account['name'] or account['account_id']}: {_words(account['before'])} to "
                f"{_words(account['after'])} ({_score(account['score_before'])} to {_score(account['score_after'])})"
            )
        )
    if len(moved["accounts_moved"]) > MOST_SHOWN:
        parts.append(Text(f"  and {len(moved['accounts_moved']) - MOST_SHOWN} more"))
    return parts


def _matrix(moved: dict[str, Any]) -> RenderableType:
    names = [t for t in ("at_risk", "watch", "healthy", "growth", "insufficient")
             if any(t in (c["before"], c["after"]) for c in moved["cells"])]  # fmt: skip
    cells = {(c["before"], c["after"]): c["accounts"] for c in moved["cells"]}
    grid = Table(box=None, pad_edge=False)
    grid.add_column("from \\ to", no_wrap=True)
    for name in names:
        grid.add_column(_words(name), justify="right", no_wrap=True)
    for before in names:
        row = [
            Text(str(cells.get((before, after), "")), style="bold" if before == after else "")
            for after in names
        ]
        grid.add_row(_words(before), *row)
    return grid


def _words(tier: str) -> str:
    return tier.replace("_", " ")


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def changed(document: dict[str, Any]) -> list[RenderableType]:
    """What came into force."""
    lines = [
        f"{document['version']} is in force from the week of {document['effective_from']}, in the place of "
        f"{document['before']}.",
        f"Written to {document['file']}. Weeks that are published stay as they were said.",
    ]
    if document["override"]:
        lines.append(f"The acceptance test was set aside: {document['override']}")
    return [Text(line) for line in lines]


def flat(document: dict[str, Any]) -> dict[str, Any]:
    """A document or entry as a CSV row: what is not one value is left out."""
    return {k: v for k, v in document.items() if not isinstance(v, dict | list)}
