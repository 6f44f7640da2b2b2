"""What `barograph learn --target` prints: who expands, or is reduced, among those who stay."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from barograph.cli.figures import figures_table, percent


class TargetChoice(StrEnum):
    """What `--target` takes. health is the model in force's own question: who is lost."""

    health = "health"
    expansion = "expansion"
    downsell = "downsell"


def render(document: dict[str, Any]) -> list[RenderableType]:
    """Kept or not and why, the signals, and how the models did out of time."""
    parts: list[RenderableType] = [Text(f"{document['headline']}.", style="bold"), Text(_sentence(document))]
    if document["signals"]:
        grid = Table(box=None, pad_edge=False)
        grid.add_column("signal", no_wrap=True)
        for name in ("weight", "95 % interval", "chosen again"):
            grid.add_column(name, justify="right", no_wrap=True)
        for signal in document["signals"]:
            interval = f"{signal['weight_low']:.0f} to {signal['weight_high']:.0f}"
            grid.add_row(
                signal["name"], f"{signal['weight']:g}", interval, percent(signal["selection_share"])
            )
        parts.append(grid)
    parts.append(Text(f"Out of time: {document['plan'].rstrip('.')}.", style="dim"))
    if document["models"]:
        parts += [Text(""), figures_table(document["models"])]
        if document["target"] == "expansion":
            parts.append(Text("Lost, in this table, are the accounts that stayed as they were.", style="dim"))
        else:
            parts.append(Text("Lost, in this table, are the accounts that were reduced.", style="dim"))
    for entry in document["left_out_signals"]:
        parts.append(Text(f"Left out until confirmed: {entry['name']}: {entry['text']}.", style="yellow"))
    return parts


def _sentence(document: dict[str, Any]) -> str:
    reason = str(document["reason"])
    said = reason[:1].upper() + reason[1:]
    if document["kept"]:
        return f"Kept as {document['file']} beside the model; the health score does not use it. {said}"
    return f"Nothing is kept. {said}"
