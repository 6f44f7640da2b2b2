"""What people see of plays in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.core.words import sentence

MOST_ROWS = 40


def listed(document: dict[str, Any]) -> list[RenderableType]:
    """All plays, one line each."""
    grid = Table(box=None, pad_edge=False)
    grid.add_column("play", no_wrap=True)
    for name in ("starts when", "for", "owner"):
        grid.add_column(name, overflow="fold")
    grid.add_column("steps", justify="right")
    grid.add_column("priority", justify="right")
    for play in document["plays"]:
        style = "" if play["enabled"] else "dim"
        grid.add_row(
            play["name"],
            play["starts_when"],
            play["audience"],
            play["owner"],
            str(len(play["steps"])),
            str(play["priority"]) if play["enabled"] else "off",
            style=style,
        )
    return [Text(_source(document), style="dim"), grid]


def shown(document: dict[str, Any]) -> list[RenderableType]:
    """One play, whole."""
    play = document["plays"][0]
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, key in (
        ("Starts when", "starts_when"),
        ("For", "audience"),
        ("Owner", "owner"),
        ("Success", "success"),
        ("Service levels", "sla"),
        ("Held out", "hold_out"),
    ):
        facts.add_row(label, sentence(play[key]))
    facts.add_row("Left alone", f"{play['cool_down_days']} days after it was closed.")
    steps = Table(box=None, pad_edge=False)
    for name in ("step", "what", "who and when"):
        steps.add_column(name, overflow="fold")
    for step in play["steps"]:
        steps.add_row(step["name"], step["title"], step["words"])
    state = "" if play["enabled"] else " (switched off)"
    title = Text(f"{play['title']}{state}", style="bold")
    return [title, Text(play["purpose"]), Text(), facts, Text(), steps]


def linted(document: dict[str, Any]) -> list[RenderableType]:
    """What the lint found."""
    count = f"{document['plays']} plays: {_noun(document['errors'], 'error')}, "
    parts: list[RenderableType] = [Text(f"{count}{_noun(document['warnings'], 'warning')}.", style="bold")]
    for finding in document["findings"]:
        style = "red" if finding["severity"] == "error" else "yellow"
        parts.append(
            Text.assemble(
                (f"{finding['rule']} {finding['severity']} ", style),
                f"{finding['where']}: {finding['message']} {finding['fix']}",
            )
        )
    return parts


def dry_run(document: dict[str, Any]) -> list[RenderableType]:
    """What the week would have opened, what is held back and why."""
    since = document["compared_with"]
    compared = f", compared with {since}" if since else ", the first week"
    parts: list[RenderableType] = [
        Text(f"Week of {document['workspace_as_of']}{compared}", style="bold"),
        Text("A dry run: nothing is opened.", style="dim"),
    ]
    incident = document["incident"]
    if incident is not None:
        held = sum(entry["held_back"] for entry in incident["plays"])
        parts.append(Text(f"Data incident: {incident['what']}. {held} plays wait.", style="bold red"))
    if document["account"] is None:
        parts.append(_by_play(document["plays"]))
    parts += _fired(document["fired"])
    for reason in document["held_back_because"]:
        parts.append(Text(f"{reason['count']} held back: {reason['words']}.", style="yellow"))
    if document["released"] is None and _waits_for_release(document):
        parts.append(Text("--as-released shows what would open once a person has released it.", style="dim"))
    if document["account"] is not None:
        parts.append(Text("What stands, whenever it began:", style="bold"))
        parts += _fired(document["standing"]) if document["standing"] else [Text("Nothing.")]
    return parts


def flat(fired: dict[str, Any]) -> dict[str, Any]:
    """A firing as a row."""
    keys = ("play", "account_id", "name", "key", "since", "reason", "tier", "arr", "priority", "milestone")
    return {key: fired[key] for key in (*keys, "deadline")}


def _waits_for_release(document: dict[str, Any]) -> bool:
    waiting = {"going_live", "version_not_released"}
    return any(reason["because"] in waiting for reason in document["held_back_because"])


def _by_play(plays: Sequence[dict[str, Any]]) -> RenderableType:
    grid = Table(box=None, pad_edge=False)
    grid.add_column("play")
    for name in ("would open", "held back"):
        grid.add_column(name, justify="right")
    for play in plays:
        if play["fired"] or play["held_back"]:
            grid.add_row(play["play"], str(play["fired"] or "–"), str(play["held_back"] or "–"))
    return grid


def _fired(fired: Sequence[dict[str, Any]]) -> list[RenderableType]:
    if not fired:
        return [Text("No play would open.")]
    grid = Table(box=None, pad_edge=False)
    grid.add_column("account", overflow="fold")
    for name in ("play", "since"):
        grid.add_column(name, no_wrap=True)
    grid.add_column("why", overflow="fold")
    grid.add_column("revenue", justify="right", no_wrap=True)
    for one in fired[:MOST_ROWS]:
        arr = "–" if one["arr"] is None else f"{one['arr']:,.0f}"
        grid.add_row(one["name"], one["play"], one["since"], sentence(one["reason"]), arr)
    left = len(fired) - MOST_ROWS
    more = [Text(f"and {left} more; --format csv has all.", style="dim")] if left > 0 else []
    return [grid, *more]


def _source(document: dict[str, Any]) -> str:
    if document["source"] == "shipped":
        return "Shipped plays; `barograph plays write` puts them into plays/ to be edited."
    return "Plays of this workspace, in plays/."


def _noun(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
