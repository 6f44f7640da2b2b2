"""The document `barograph.judgement/1` as lines for a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TITLES = {"pulses": "Pulses", "verdicts": "Verdicts on scores"}
QUESTIONS = (
    ("warned", "Of the accounts that were lost, those called doubt or alarm before"),
    ("reassured", "Of the accounts that stayed, those called no concern"),
    ("against_numbers", "Where call and numbers differed, how often it went the way of the call"),
)
VIEWS = {
    "no_concern": "Called no concern, and lost",
    "doubt": "Called doubt, and lost",
    "alarm": "Called alarm, and lost",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One rate. value, low, high: shares, None while `missing` more accounts are needed."""

    words: str
    events: int
    n: int
    missing: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """Pulses, or verdicts. missing > 0: too few calls to say anything, and there are no lines."""

    title: str
    n: int
    lost: int
    missing: int
    lines: tuple[Line, ...]
    calibration: tuple[Line, ...]
    brier: float | None
    usual: float | None
    gain: Mapping[str, Any] | None


def parts(document: Mapping[str, Any]) -> list[Part]:
    """Both parts of a grade."""
    return [_part(title, document[name]) for name, title in TITLES.items()]


def _part(title: str, told: Mapping[str, Any]) -> Part:
    lines = [_line(words, told[name]) for name, words in QUESTIONS if told[name] is not None]
    views = [_line(VIEWS[view["view"]], view) for view in told["by_view"] or ()]
    return Part(
        title, told["n"], told["lost"], told["missing"], tuple(lines), tuple(views), told["brier"], told["usual"],
        told["gain"],
    )  # fmt: skip


def _line(words: str, rate: Mapping[str, Any]) -> Line:
    return Line(
        words,
        rate["events"],
        rate["n"],
        rate["missing"],
        rate.get("value"),
        rate.get("low"),
        rate.get("high"),
    )
