"""For each lint rule a model that breaks it, the place that must be named, and a part of the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from barograph.definitions.model import ScoreModel
from support.definition_models import signal, sound, sound_fields, with_signals

Breaks = tuple[Callable[[], ScoreModel], str, str]
"""A model, the place that is found, a part of the message."""

BANDS_TWICE_TURNED = {
    "method": "banded",
    "bands": [{"below": 1, "points": 0}, {"below": 2, "points": 100}, {"points": 50}],
}
GROWTH = {"name": "growth", "label": "Growth", "from_score": 85, "definition": "Room for more."}


def tiers(*scores: float, **more: Any) -> ScoreModel:
    fields = sound_fields()
    fields["tiers"] = [
        {**tier, "from_score": score} for tier, score in zip(fields["tiers"], scores, strict=True)
    ]
    return ScoreModel.model_validate({**fields, **more})


def cap(**fields: Any) -> ScoreModel:
    base = {
        "name": "c",
        "label": "C",
        "when": [{"signal": "tickets", "at_least": 9}],
        "tier_at_most": "watch",
    }
    return sound(caps=[{**base, **fields}])


def weights(**points: float) -> ScoreModel:
    return with_signals(**{name: {"weight": weight} for name, weight in points.items()})


def easy() -> ScoreModel:
    return weights(features=38, tickets=37, touches=10, sponsor=5, deals=5, progress=5)


def pulse_scored(overlay: dict[str, Any] | None, **fields: Any) -> ScoreModel:
    """The sound model with weight on a signal that reads pulses."""
    shape = {"method": "range", "zero": 90, "full": 0}
    pulse = {
        "template": "days_since",
        "source": "pulses",
        "direction": "down",
        "weight": 5,
        "normalise": shape,
    }
    pulse |= {"category": "relationship", "component": "all"}
    model = with_signals(signal("pulse", **(pulse | fields)), progress={"weight": 15})
    return ScoreModel.model_validate(model.model_dump() | {"overlay": overlay})


BROKEN: dict[str, Breaks] = {
    "BG-E001": (lambda: weights(tickets=10), "model", "sum to 95 (20 + 15 + 10 + 20 + 10 + 20), not to 100"),
    "BG-E002": (
        lambda: with_signals(tickets={"component": "al"}),
        'signal "tickets" > component',
        'no component "al"',
    ),
    "BG-E003": (
        lambda: sound(components=[{"name": "all", "label": "A"}, {"name": "all", "label": "B"}]),
        'component "all"',
        "used 2 times",
    ),
    "BG-E004": (lambda: tiers(0, 70, 45), "tiers", "healthy begins at 45, not above watch (70)"),
    "BG-E005": (lambda: cap(tier_at_most="growth"), 'cap "c" > tier_at_most', 'no tier "growth"'),
    "BG-E006": (
        lambda: with_signals(signal("x", source="ticket")),
        'signal "x" > source',
        'no table "ticket"',
    ),
    "BG-E007": (
        lambda: with_signals(signal("x", where={"priorty": "p1"})),
        'signal "x" > where',
        'Nearest: "priority"',
    ),
    "BG-E008": (
        lambda: with_signals(signal("x", template="mean", measure="priority", window_days=28)),
        'signal "x" > measure',
        "priority is text; mean needs a number",
    ),
    "BG-E009": (
        lambda: with_signals(signal("x", where={"priority": "P1"})),
        'signal "x" > where > priority',
        '"P1" is not a word of tickets.priority',
    ),
    "BG-E010": (
        lambda: with_signals(signal("x", where={"kind": {"at_least": 3}})),
        'signal "x" > where > kind',
        "tickets.kind is text; at_least compares numbers",
    ),
    "BG-E011": (
        lambda: with_signals(signal("x", template="slope", of="sum", window_days=84)),
        'signal "x" > measure',
        "slope of sum needs a measure",
    ),
    "BG-E012": (
        lambda: cap(when=[{"signal": "tickts", "at_least": 1}]),
        'cap "c" > when',
        'no signal "tickts"',
    ),
    "BG-E013": (
        lambda: with_signals(
            signal("a", template="ratio", numerator="b", denominator="tickets"),
            signal("b", template="per_seat", numerator="a"),
        ),
        'signal "a"',
        "a > b > a",
    ),
    "BG-E014": (lambda: cap(when=[{"signal": "tickets"}]), 'cap "c" > when', "has no bound"),
    "BG-E015": (lambda: sound(population={"rule": "activity"}), "population > source", "needs a source"),
    "BG-E016": (
        lambda: with_signals(tickets={"direction": "up"}),
        'signal "tickets" > normalise',
        'range scores lower values better; direction is "up"',
    ),
    "BG-E017": (
        lambda: with_signals(
            signal(
                "x",
                template="change",
                window_days=28,
                min_support=5,
                normalise={"method": "log", "zero": 0, "full": 1},
            )
        ),
        'signal "x" > normalise',
        "log on change",
    ),
    "BG-E018": (lambda: with_signals(signal("arr")), 'signal "arr" > name', "is taken"),
    "BG-E019": (
        lambda: with_signals(signal("x", source="invoices", where={"days_late": {"above": 30}})),
        'signal "x" > where > days_late',
        "invoices.days_late is derived",
    ),
    "BG-W001": (
        lambda: weights(features=15, touches=5, tickets=10, sponsor=41, deals=9, progress=20),
        'signal "sponsor" > weight',
        "41 of 100 points; 40 is the most",
    ),
    "BG-W002": (
        lambda: with_signals(
            *[
                signal(f"x{n}", where={"kind": f"{n}"}, weight=1, component="all", category="value")
                for n in range(3)
            ],
            sponsor={"weight": 17},
        ),
        "model",
        "9 signals carry weight; 8 is the most",
    ),
    "BG-W003": (
        lambda: weights(features=0, touches=0, tickets=0, sponsor=60, deals=0, progress=40),
        "model",
        "2 signals carry weight; 3 is the fewest",
    ),
    "BG-W004": (
        lambda: sound(components=[{"name": "all", "label": "A"}, {"name": "more", "label": "B"}]),
        'component "more"',
        "no signal with a weight",
    ),
    "BG-W005": (lambda: sound(min_coverage=0.2), "model > min_coverage", '0.2 is met by "features" alone'),
    "BG-W006": (
        lambda: sound(tiers=[{**t, "definition": " "} for t in sound_fields()["tiers"]]),
        'tier "at_risk"',
        "no definition",
    ),
    "BG-W007": (
        lambda: sound(tiers=[*sound_fields()["tiers"], GROWTH]),
        "growth_gate",
        "growth tier and no gate",
    ),
    "BG-W008": (lambda: tiers(0, 66, 70), "tiers", "watch is 4 points wide, the hysteresis 5"),
    "BG-W009": (lambda: sound(stage="predictive"), "model > stage", "predictive on 0 outcomes"),
    "BG-W011": (easy, "model", "usage and support weigh 75 %, relationship and value 10 %"),
    "BG-W012": (
        lambda: with_signals(
            features={"kind": "activity"},
            touches={"kind": "activity"},
            tickets={"kind": "activity"},
            deals={"kind": "activity"},
        ),
        "model",
        "activity signals weigh 60 %",
    ),
    "BG-W013": (
        lambda: with_signals(touches={"category": "value"}),
        "model",
        "no signal of category engagement",
    ),
    "BG-W014": (
        lambda: with_signals(
            signal("again", source="opportunities", weight=5, component="all"), progress={"weight": 15}
        ),
        'signal "again"',
        'measures what "deals" measures',
    ),
    "BG-W015": (
        lambda: with_signals(tickets={"window_days": 7}),
        'signal "tickets" > window_days',
        "7 days.",
    ),
    "BG-W016": (
        lambda: with_signals(
            signal("csat", template="mean", measure="csat", window_days=91, weight=5, component="all"),
            progress={"weight": 15},
        ),
        'signal "csat" > min_support',
        "0 for mean",
    ),
    "BG-W017": (
        lambda: with_signals(features={"stale_after_days": None}),
        'signal "features" > stale_after_days',
        "nothing says when it has broken",
    ),
    "BG-W018": (
        lambda: with_signals(tickets={"absent": "zero"}),
        'signal "tickets" > absent',
        "counts as having none",
    ),
    "BG-W019": (
        lambda: sound(thresholds=[{"when": {"segmnt": "smb"}, "from_score": {"watch": 40}}]),
        "threshold 1",
        'Nearest: "segment"',
    ),
    "BG-W020": (
        lambda: sound(
            thresholds=[
                {"when": {"plan": ["a", "b"]}, "from_score": {"watch": 40}},
                {"when": {"plan": "a", "segment": "smb"}, "from_score": {"watch": 35}},
            ]
        ),
        "threshold 2",
        "number 1 (plan is a or b) matches first",
    ),
    "BG-E020": (
        lambda: pulse_scored({}),
        'signal "pulse" > weight',
        "[overlay] holds for all accounts",
    ),
    "BG-W021": (
        lambda: sound(overlay={"every_days": 91}),
        "overlay",
        "due every 91 days, in force for 45",
    ),
}
