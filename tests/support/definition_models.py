"""Models for tests of definitions: a small sound one to bend, and hypothesis strategies over all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from barograph.definitions.base import CATEGORIES
from barograph.definitions.model import ScoreModel
from barograph.definitions.signal import Signal

QUICK = settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate], print_blob=True
)
"""Models are large: without shrinking a failure shows in seconds, and its seed is printed."""
SIGNAL: TypeAdapter[Signal] = TypeAdapter(Signal)
RANGE = {"method": "range", "zero": 0, "full": 10}


def signal(name: str, **fields: Any) -> dict[str, Any]:
    """Fields of a signal: a count of tickets unless said otherwise."""
    base: dict[str, Any] = {
        "name": name,
        "label": name.replace("_", " "),
        "category": "value",
        "template": "count",
        "source": "tickets",
        "window_days": 28,
        "normalise": RANGE,
    }
    if "template" in fields and fields["template"] != "count":
        base.pop("window_days")
    if fields.get("template") in ("ratio", "per_seat"):
        base.pop("source")
    return {**base, **fields}


def sound_fields(**changes: Any) -> dict[str, Any]:
    """A model in which lint finds nothing: one signal of each category."""
    fields: dict[str, Any] = {
        "name": "sound",
        "title": "A sound model",
        "components": [{"name": "all", "label": "Everything"}],
        "signals": [
            signal(
                "features",
                category="usage",
                template="breadth",
                source="events",
                measure="feature",
                window_days=28,
                stale_after_days=4,
                component="all",
                weight=20,
            ),
            signal("touches", category="engagement", source="interactions", component="all", weight=15),
            signal(
                "tickets",
                category="support",
                direction="down",
                component="all",
                weight=15,
                normalise={"method": "range", "zero": 5, "full": 0},
            ),
            signal(
                "sponsor",
                category="relationship",
                template="state_as_of",
                source="contacts",
                where={"role": "sponsor"},
                component="all",
                weight=20,
                normalise={"method": "range", "zero": 0, "full": 1},
            ),
            signal("deals", category="commercial", source="opportunities", component="all", weight=10),
            signal(
                "progress",
                category="value",
                template="mean",
                source="goals",
                measure="progress",
                at="recorded_at",
                window_days=182,
                component="all",
                weight=20,
                normalise={"method": "range", "zero": 0, "full": 1},
            ),
        ],
        "tiers": [
            {"name": "at_risk", "label": "At Risk", "from_score": 0, "definition": "Likely to be lost."},
            {"name": "watch", "label": "Watch", "from_score": 45, "definition": "Something is weak."},
            {"name": "healthy", "label": "Healthy", "from_score": 70, "definition": "Expected to renew."},
        ],
    }
    return {**fields, **changes}


def sound(**changes: Any) -> ScoreModel:
    """The sound model with other fields."""
    return ScoreModel.model_validate(sound_fields(**changes))


def with_signals(*extra: dict[str, Any], **changed: dict[str, Any]) -> ScoreModel:
    """The sound model with more signals, and with fields of its own changed (`tickets={"weight": 5}`)."""
    fields = sound_fields()
    fields["signals"] = [{**s, **changed.get(s["name"], {})} for s in fields["signals"]]
    fields["signals"] += list(extra)
    return ScoreModel.model_validate(fields)


NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=160)
DAYS = st.integers(1, 400)
POINTS = st.floats(0, 100, allow_nan=False)
NUMBERS = st.one_of(st.integers(-1000, 1000).map(float), st.floats(-1e9, 1e9, allow_nan=False))
COLUMNS = st.one_of(
    st.sampled_from(["segment", "plan", "event", "odd name", "ä.b", '"']), st.text(min_size=1, max_size=8)
)
SCALARS = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6), TEXTS)


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """Any shape."""
    method = draw(st.sampled_from(["range", "log", "decay", "percentile", "banded"]))
    if method in ("range", "log"):
        ends = draw(st.lists(POINTS if method == "log" else NUMBERS, min_size=2, max_size=2, unique=True))
        return {"method": method, "zero": ends[0], "full": ends[1]}
    if method == "decay":
        return {"method": method, "half_life": draw(st.floats(0.001, 1e6))}
    if method == "percentile":
        return {"method": method, "within": draw(COLUMNS), "min_peers": draw(st.integers(5, 50))}
    bounds = sorted(draw(st.lists(NUMBERS, min_size=1, max_size=4, unique=True)))
    bands = [{"below": bound, "points": draw(POINTS)} for bound in bounds] + [{"points": draw(POINTS)}]
    return {"method": method, "bands": bands, "missing_points": draw(st.none() | POINTS)}


def conditions() -> st.SearchStrategy[Any]:
    """Any test on a column."""
    bounds = st.fixed_dictionaries(
        {},
        optional={
            "at_least": NUMBERS,
            "below": NUMBERS,
            "one_of": st.lists(SCALARS, max_size=3),
            "none_of": st.lists(SCALARS, max_size=3),
            "present": st.booleans(),
        },
    )
    return st.one_of(SCALARS, st.lists(SCALARS, max_size=3), bounds)


def wheres() -> st.SearchStrategy[Any]:
    """Any `where`."""
    return st.dictionaries(COLUMNS, conditions(), max_size=3)


def scopes() -> st.SearchStrategy[Any]:
    """Any scope."""
    return st.dictionaries(COLUMNS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=2)


TEMPLATE_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "count": {"window_days": DAYS},
    "sum": {"measure": COLUMNS, "window_days": DAYS},
    "mean": {"measure": COLUMNS, "window_days": DAYS},
    "median": {"measure": COLUMNS, "window_days": DAYS},
    "distinct": {"measure": st.none() | COLUMNS, "per_day": st.booleans(), "window_days": DAYS},
    "breadth": {"measure": COLUMNS, "min_rows": st.integers(1, 9), "window_days": DAYS},
    "latest": {"measure": COLUMNS, "expiry_days": DAYS},
    "days_since": {"which": st.sampled_from(["last", "first"]), "cap_days": st.none() | DAYS},
    "share": {"among": wheres(), "measure": st.none() | COLUMNS, "window_days": DAYS},
    "change": {
        "of": st.sampled_from(["count", "sum", "mean", "distinct"]),
        "measure": st.none() | COLUMNS,
        "window_days": DAYS,
    },
    "power_user_trend": {"measure": COLUMNS, "flag": COLUMNS, "window_days": DAYS},
    "slope": {
        "of": st.sampled_from(["count", "sum"]),
        "window_days": st.integers(3, 52).map(lambda w: 7 * w),
    },
    "open_as_of": {
        "closed": COLUMNS,
        "result": st.sampled_from(["count", "oldest_days"]),
        "min_age_days": st.integers(0, 90),
    },
    "overdue_as_of": {
        "result": st.sampled_from(["count", "sum", "oldest_days"]),
        "measure": st.none() | COLUMNS,
    },
    "response_latency": {"start": COLUMNS, "end": COLUMNS, "window_days": DAYS},
    "milestone": {"milestone": TEXTS, "within_days": st.none() | DAYS},
    "state_as_of": {"begins": st.none() | COLUMNS, "among": wheres()},
    "stakeholder_coverage": {"roles": st.lists(TEXTS, min_size=1, max_size=3), "ends": st.none() | COLUMNS},
    "ratio": {"numerator": NAMES, "denominator": NAMES, "scale": NUMBERS},
    "per_seat": {"numerator": NAMES},
}


@st.composite
def signals(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Any signal of that name, in fields of the model file."""
    template = draw(st.sampled_from(sorted(TEMPLATE_FIELDS)))
    fields: dict[str, Any] = {
        "name": name,
        "label": draw(TEXTS),
        "category": draw(st.sampled_from(CATEGORIES)),
        "kind": draw(st.sampled_from(["activity", "outcome"])),
        "unit": draw(TEXTS),
        "direction": draw(st.sampled_from(["up", "down", "free"])),
        "component": draw(st.none() | NAMES),
        "weight": draw(POINTS),
        "template": template,
        "normalise": draw(shapes()),
        "missing": draw(st.sampled_from(["redistribute", "neutral", "insufficient"])),
        "min_support": draw(st.integers(0, 50)),
        "stale_after_days": draw(st.none() | DAYS),
        "confirmed": draw(st.booleans()),
        "note": draw(TEXTS),
    }
    fields["variants"] = draw(
        st.lists(
            st.fixed_dictionaries(
                {"when": scopes(), "applies": st.booleans()}, optional={"normalise": st.none() | shapes()}
            ),
            max_size=2,
        )
    )
    if template not in ("ratio", "per_seat"):
        fields |= {"source": draw(NAMES), "where": draw(wheres()), "at": draw(st.none() | COLUMNS)}
        fields["absent"] = draw(st.sampled_from(["missing", "zero"]))
    return fields | {key: draw(value) for key, value in TEMPLATE_FIELDS[template].items()}


@st.composite
def models(draw: st.DrawFn) -> ScoreModel:
    """Any model that the classes allow, sound or not."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    tests = st.fixed_dictionaries(
        {"signal": NAMES}, optional={"at_least": NUMBERS, "below": NUMBERS, "missing": st.booleans()}
    )
    tiers = ["at_risk", "watch", "healthy", "growth"][: draw(st.integers(3, 4))]
    return ScoreModel.model_validate(
        {
            "name": draw(NAMES),
            "title": draw(TEXTS),
            "purpose": draw(TEXTS),
            "stage": draw(st.sampled_from(["heuristic", "validated_heuristic", "blended", "predictive"])),
            "outcomes_behind": draw(st.integers(0, 10**6)),
            "min_coverage": draw(st.floats(0, 1)),
            "components": [
                {"name": n, "label": draw(TEXTS), "meaning": draw(TEXTS)}
                for n in draw(st.lists(NAMES, min_size=1, max_size=2))
            ],
            "signals": [draw(signals(n)) for n in names],
            "tiers": [
                {
                    "name": n,
                    "label": draw(TEXTS),
                    "from_score": draw(POINTS),
                    "definition": draw(TEXTS),
                    "sla": draw(st.fixed_dictionaries({}, optional={"owner_days": DAYS, "plan_days": DAYS})),
                }
                for n in tiers
            ],
            "thresholds": [
                {"when": draw(scopes()), "from_score": draw(st.dictionaries(st.sampled_from(tiers), POINTS))}
                for _ in range(draw(st.integers(0, 2)))
            ],
            "growth_gate": draw(st.lists(tests, max_size=2)),
            "caps": [
                {
                    "name": draw(NAMES),
                    "label": draw(TEXTS),
                    "when": draw(st.lists(tests, min_size=1, max_size=2)),
                    "scope": draw(scopes()),
                    "tier_at_most": draw(st.sampled_from(tiers)),
                    "score_at_most": draw(st.none() | POINTS),
                    "hard_event": draw(st.booleans()),
                }
                for _ in range(draw(st.integers(0, 2)))
            ],
            "overlay": draw(
                st.none()
                | st.fixed_dictionaries(
                    {"scope": scopes()},
                    optional={
                        "sponsor_missing_at_most": st.sampled_from(tiers),
                        "lift": st.booleans(),
                        "valid_days": DAYS,
                        "cadence": st.lists(
                            st.fixed_dictionaries(
                                {"when": scopes(), "every_days": DAYS, "valid_days": DAYS},
                                optional={"tiers": st.just(["watch", "insufficient"])},
                            ),
                            max_size=2,
                        ),
                    },
                )
            ),
            "targets": [
                {"name": draw(NAMES), "label": draw(TEXTS), "stage": "renewal", "test": draw(tests)}
                for _ in range(draw(st.integers(0, 1)))
            ],
            "outcome": draw(
                st.fixed_dictionaries(
                    {"horizons_days": st.lists(st.integers(1, 400), max_size=3)},
                    optional={
                        "lapse": st.fixed_dictionaries(
                            {"source": NAMES, "where": st.dictionaries(COLUMNS, TEXTS, max_size=1)}
                        )
                    },
                )
            ),
            "damping": {"enabled": draw(st.booleans()), "hysteresis": draw(st.floats(0, 30))},
            "review": {"growth_signals": draw(st.lists(NAMES, max_size=2))},
        }
    )
