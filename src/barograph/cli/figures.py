"""Figures of models as people read them: shares, figures with a dash where there is none, models side by side."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.table import Table

KINDS = {
    "base_rate": "everybody alike",
    "heuristic": "expert weights",
    "equal_weights": "equal weights",
    "blended": "weights moved by the data",
    "predictive": "learnt scorecard",
    "challenger": "boosting on all candidates",
    "in_force": "in force",
    "proposed": "proposed",
}


def figure(value: float | None, places: int = 2) -> str:
    """A figure for a table, a dash where there is none."""
    return "–" if value is None else f"{value:.{places}f}"


def percent(value: float | None) -> str:
    """A share for a table."""
    return "–" if value is None else f"{value:.0%}"


def figures_table(models: list[dict[str, Any]]) -> RenderableType:
    """Models side by side on the same rows."""
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("model", overflow="fold")
    for name in ("signals", "n", "lost", "AUC", "95 % interval", "bal. acc.", "log loss", "cal. error"):
        figures = name in ("n", "lost", "AUC", "95 % interval")
        grid.add_column(name, justify="right", no_wrap=figures, min_width=5 if figures else None)
    for entry in models:
        grid.add_row(
            KINDS.get(entry["kind"], entry["kind"]),
            str(entry["signals"] or "–"),
            str(entry["n"]),
            str(entry["lost"]),
            figure(entry["auc"], 3),
            f"{figure(entry['auc_low'])} to {figure(entry['auc_high'])}",
            figure(entry["balanced_accuracy"], 3),
            figure(entry["log_loss"], 3),
            figure(entry["ece"], 3),
        )
    return grid
