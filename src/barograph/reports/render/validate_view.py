"""A validation document laid out: what it says in words first, then every figure with its table."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.reports.heading import label_words
from barograph.reports.render.blocks import Section
from barograph.reports.render.phrases import Record, counted, date_words, printable
from barograph.reports.render.validate_accounts import migration_section, misjudged_section
from barograph.reports.render.validate_figures import model_of, per_cent, span
from barograph.reports.render.validate_models import (
    calibration_section,
    gains_section,
    order_section,
    warning_section,
)
from barograph.reports.render.validate_signals import signals_section
from barograph.reports.render.validate_tiers import lines_section, parts_section, tiers_section
from barograph.reports.validate_words import subject


@dataclass(frozen=True, slots=True)
class Caught:
    """One horizon at a glance: how much of what was lost stood At Risk."""

    days: str
    share: str
    plausible: str
    counts: str
    watch: str


@dataclass(frozen=True, slots=True)
class ValidateView:
    """The whole report; texts are plain and safe to print."""

    title: str
    workspace: str
    as_of: str
    model: str
    label: str
    label_words: str
    caught: tuple[Caught, ...]
    headline: tuple[str, ...]
    stands_on: tuple[str, ...]
    refused: tuple[str, ...]
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


FOOTER = (
    "Every figure is out of time: a model was fitted only on decisions known when its block began, and judged on "
    "later ones. Intervals are 95%, with the account as the unit: Wilson's on the effective number of accounts "
    "for rates, DeLong's clustered one for AUC, account resampling for balanced accuracy and revenue-weighted AUC, "
    "a sandwich over accounts for calibration.",
    "A score is a hypothesis about how a renewal will go, not a verdict on a customer or a colleague. Scores run "
    "from 0 to 100; higher is healthier.",
)


def validate_view(document: Record) -> ValidateView:
    """The view of a `barograph.validate/1` document."""
    document = printable(document)
    kind = subject(dict(document))
    label, _, told = label_words(document["label"], document["outcomes"]).partition(": ")
    model = document["model"]
    proposed = document["proposed"]["version"]
    words = " · ".join(part for part in (model["version"] or model["name"], model["title"]) if part)
    return ValidateView(
        title="Is the score right?",
        workspace=document["workspace"],
        as_of=f"Validation as of {date_words(document['workspace_as_of'])}, from what was known before that day began",
        model=f"{words}; beside it {proposed}" if proposed else words,
        label=label,
        label_words=told,
        caught=tuple(
            _caught(horizon, kind)
            for horizon in sorted(document["horizons"], key=lambda h: -h["days"])
            if model_of(horizon, kind)["n"]
        ),
        headline=tuple(document["headline"]),
        stands_on=tuple(document["stands_on"]),
        refused=tuple(document["refused"]),
        notices=tuple(document["notices"]),
        sections=(
            tiers_section(document, kind),
            order_section(document, kind),
            calibration_section(document, kind),
            gains_section(document, kind),
            warning_section(document),
            parts_section(document, kind),
            signals_section(document),
            lines_section(document),
            migration_section(document),
            misjudged_section(document),
        ),
        footer=FOOTER,
    )


def _caught(horizon: Record, kind: str) -> Caught:
    model = model_of(horizon, kind)
    lost = sum(tier["lost"] for tier in model["tiers"])
    return Caught(
        counted(horizon["days"], "day"),
        per_cent(model["at_risk_recall"]),
        span(model, "at_risk_recall"),
        f"{model['at_risk_lost']:,} of {lost:,} lost were At Risk",
        f"{model['watch_or_worse_lost']:,} were At Risk or Watch",
    )
