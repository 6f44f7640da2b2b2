"""Figures of a validation as cells: shares, AUC and revenue, each with its interval where it has one."""

from __future__ import annotations

from barograph.charts.cells import interval_bar, interval_dot
from barograph.reports.render.blocks import Cell, figure
from barograph.reports.render.phrases import Record, rough_money
from barograph.reports.validate_words import between

NONE = "–"
KIND_WORDS = {
    "in_force": "In force",
    "proposed": "Proposed",
    "previous": "Version before",
    "heuristic": "Expert weights",
    "equal_weights": "Equal weights",
    "challenger": "Boosting",
}
TIERS = ("at_risk", "watch", "healthy", "growth", "insufficient")


def kind_words(document: Record, kind: str) -> str:
    """What a model is called; `proposed` without a proposal on file is only what learning gives today."""
    return "Learnt anew" if kind == "proposed" and not document["proposed"]["version"] else KIND_WORDS[kind]


def per_cent(value: float | None) -> str:
    """ "29%"."""
    return NONE if value is None else f"{100 * value:.0f}%"


def decimal(value: float | None, places: int = 2) -> str:
    """ "0.77"; a dash where there is none."""
    return NONE if value is None else f"{value:.{places}f}"


def signed(value: float) -> str:
    """ "+0.18", "-0.04"; "0.00" without a sign."""
    return "0.00" if abs(value) < 0.005 else f"{value:+.2f}"


def amount(value: float | None, currency: str) -> str:
    """ "EUR 98 k"."""
    return NONE if value is None else rough_money(value, currency)


def span(entry: Record, name: str, *, share: bool = True) -> str:
    """ "15 to 47%" or "0.65 to 0.86"; "" where there is no interval."""
    low, high = entry.get(f"{name}_low"), entry.get(f"{name}_high")
    if low is None or high is None or entry.get(name) is None:
        return ""
    if share:
        return between(low, high)
    return f"{_plain(low)} to {_plain(high)}"


def _plain(value: float) -> str:
    return "0.00" if abs(value) < 0.005 else f"{value:.2f}"


def share_cell(entry: Record, name: str) -> Cell:
    """A share with its interval in words."""
    return figure(per_cent(entry[name]), span(entry, name))


def share_bar(entry: Record, name: str, tier: str = "") -> Cell:
    """A share with its interval as a bar; empty where it is not known."""
    value = entry[name]
    if value is None:
        return Cell("")
    return Cell("", mark=interval_bar(value, entry[f"{name}_low"], entry[f"{name}_high"], tier))


def auc_cell(entry: Record, name: str = "auc") -> Cell:
    """An AUC with its interval in words."""
    return figure(decimal(entry[name]), span(entry, name, share=False))


def auc_dot(entry: Record, name: str = "auc") -> Cell:
    """An AUC with its interval as a dot between 0.3 and 1; chance is marked."""
    value = entry[name]
    if value is None:
        return Cell("")
    return Cell("", mark=interval_dot(value, entry[f"{name}_low"], entry[f"{name}_high"], 0.3, 1.0, 0.5))


def model_of(horizon: Record, kind: str) -> Record:
    """The entry of one model at one horizon; that of the model in force where it is not there."""
    models = {model["kind"]: model for model in horizon["models"]}
    found: Record = models.get(kind, models["in_force"])
    return found


def before(days: int) -> str:
    """ "90 days before"."""
    return f"{days} day{'' if days == 1 else 's'} before"
