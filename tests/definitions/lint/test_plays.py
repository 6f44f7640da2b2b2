"""Lint of plays. Truths: each rule finds the play that breaks it and not the sound one; shipped plays are sound for
every shipped model (P1: every tier and every component has a play)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from barograph.definitions.lint.plays import PLAY_RULES, lint_plays
from barograph.definitions.play import Play
from barograph.definitions.play_cadence import PlaySettings
from barograph.definitions.starters import STARTERS, load_starter
from barograph.pipeline.play_settings import shipped_settings
from barograph.pipeline.plays import shipped_plays

MODEL = load_starter("saas")
Change = Callable[[dict[str, dict[str, Any]]], None]


def fields() -> dict[str, dict[str, Any]]:
    """The shipped plays as plain values, by name, to be broken."""
    return {play.name: play.model_dump(mode="json", exclude_defaults=True) for play in shipped_plays()}


def broken(change: Change) -> list[Play]:
    found = fields()
    change(found)
    return [Play.model_validate_json(json.dumps(play)) for play in found.values()]


def drop(name: str) -> Change:
    def change(plays: dict[str, dict[str, Any]]) -> None:
        del plays[name]

    return change


def put(name: str, key: str, value: Any) -> Change:
    def change(plays: dict[str, dict[str, Any]]) -> None:
        plays[name][key] = value

    return change


def within(name: str, part: str, **values: Any) -> Change:
    def change(plays: dict[str, dict[str, Any]]) -> None:
        plays[name][part] = {**plays[name].get(part, {}), **values}

    return change


def step(name: str, index: int, **values: Any) -> Change:
    def change(plays: dict[str, dict[str, Any]]) -> None:
        plays[name]["steps"][index] = {**plays[name]["steps"][index], **values}

    return change


def twice(plays: dict[str, dict[str, Any]]) -> None:
    plays["again"] = {**plays["rescue"], "name": "again"}


def no_owner(plays: dict[str, dict[str, Any]]) -> None:
    del plays["rescue"]["owner"]


def no_facing(plays: dict[str, dict[str, Any]]) -> None:
    for each in plays["rescue"]["steps"]:
        each.pop("customer_facing", None)


def off(name: str) -> Change:
    return put(name, "enabled", False)


SIGNALS = {"on": "signals", "all_of": [{"signal": "nps", "below": 6}]}
BROKEN: dict[str, tuple[Change, str, str]] = {
    "BG-E101": (drop("rescue"), 'tier "at_risk"', "no play starts from it"),
    "BG-E102": (drop("value_review"), 'component "value"', "no play works on it"),
    "BG-E103": (
        put("adoption", "trigger", {"on": "signal_change", "signal": "active_user", "by": 0.3}),
        'play "adoption" > trigger',
        'there is no signal "active_user"',
    ),
    "BG-E104": (put("rescue", "serves", ["adption"]), 'play "rescue" > serves', 'no component "adption"'),
    "BG-E105": (no_owner, 'play "rescue" > sla', "nobody owns read, speak"),
    "BG-E106": (
        put(
            "money_matters",
            "success",
            {"check_after_days": 45, "components": [{"category": "commercial", "at_least": 30}]},
        ),
        'play "money_matters" > success',
        "can be so when the play starts",
    ),
    "BG-E107": (
        within("rescue", "audience", tiers=["healthy"]),
        'play "rescue" > audience > tiers',
        "healthy is none of",
    ),
    "BG-E108": (
        step("renewal", 0, milestone=150),
        'play "renewal" > step "outlook" > milestone',
        "150 is none",
    ),
    "BG-E109": (
        drop("long_on_watch"),
        'row "watch" > duty "escalation" > play',
        'there is no play "long_on_watch"',
    ),
    "BG-E110": (
        put("adoption", "trigger", {"on": "signals", "all_of": [{"signal": "nps"}]}),
        'play "adoption" > trigger',
        'the test of "nps" has no bound',
    ),
    "BG-W102": (
        put("adoption", "trigger", {"on": "component_below", "categories": ["usage"], "below": 40}),
        'play "adoption" > trigger > categories',
        "no component is made mostly of usage",
    ),
    "BG-W103": (put("rescue", "success", None), 'play "rescue"', "does not say what success is"),
    "BG-W104": (within("rescue", "sla", escalate_to=None), 'play "rescue" > sla', "no escalate_to"),
    "BG-W105": (no_facing, 'play "rescue" > sla > touch_days', "no step of a person is customer-facing"),
    "BG-W106": (
        within("adoption", "success", check_after_days=20),
        'play "adoption" > success',
        "20 days, and the last step",
    ),
    "BG-W107": (
        within("adoption", "audience", where={"sgment": "smb"}),
        'play "adoption" > audience > where',
        'no "sgment"',
    ),
    "BG-W108": (twice, 'play "again" > trigger', '"rescue" has the same trigger'),
    "BG-W109": (
        put("rescue", "hold_out", {"share": 0.2}),
        'play "rescue" > hold_out',
        "20% of the accounts get nothing",
    ),
}


def test_ids_are_unique_and_every_rule_has_a_broken_play() -> None:
    ids = [rule.id for rule in PLAY_RULES]
    assert ids == sorted(set(ids))
    assert set(ids) == {*BROKEN, "BG-W101", "BG-W110"}
    for rule in PLAY_RULES:
        assert rule.title and rule.reason.endswith((".", ")."))
        assert rule.severity == ("error" if rule.id.startswith("BG-E") else "warning")


@pytest.mark.parametrize("name", STARTERS)
def test_shipped_plays_have_no_errors_for_shipped_models(name: str) -> None:
    """P1. A model without a component of some category leaves one play without work, which is a warning."""
    found = lint_plays(shipped_plays(), load_starter(name), shipped_settings())
    assert {finding.rule for finding in found} <= ({"BG-W102"} if name != "saas" else set())


@pytest.mark.parametrize("rule_id", BROKEN)
def test_rule_finds_the_play_that_breaks_it(rule_id: str) -> None:
    change, where, message = BROKEN[rule_id]
    model = load_starter("lapse") if rule_id == "BG-W102" else MODEL
    if rule_id == "BG-W102":
        where, message = 'play "sponsor_re_engagement" > trigger > categories', "made mostly of relationship"
    found = [f for f in lint_plays(broken(change), model, shipped_settings()) if f.rule == rule_id]
    assert [f for f in found if f.where.startswith(where) and message in f.message], found
    assert all(f.fix.endswith((".", "false.")) for f in found)


def test_the_nearest_name_is_told() -> None:
    change, _, _ = BROKEN["BG-E103"]
    found = [f for f in lint_plays(broken(change), MODEL) if f.rule == "BG-E103"]
    assert found[0].fix == 'Nearest: "active_users".'


def test_a_play_that_is_switched_off_serves_nothing() -> None:
    rules = {f.rule for f in lint_plays(broken(off("rescue")), MODEL)}
    assert "BG-E101" in rules


def test_success_that_is_the_trigger_of_signals() -> None:
    def change(plays: dict[str, dict[str, Any]]) -> None:
        plays["adoption"]["trigger"] = SIGNALS
        plays["adoption"]["success"] = {"check_after_days": 60, "signals": SIGNALS["all_of"]}

    assert "BG-E106" in {f.rule for f in lint_plays(broken(change), MODEL)}


def test_tiers_that_the_model_does_not_have() -> None:
    three = MODEL.model_copy(update={"tiers": MODEL.tiers[:3]})
    found = [f for f in lint_plays(shipped_plays(), three) if f.rule == "BG-W101"]
    assert {f.where for f in found} >= {'play "expansion_discovery" > trigger > tiers'}


def test_dates_need_contracts() -> None:
    columns = {"accounts": {"account_id": "text"}, "events": {"account_id": "text"}}
    found = [f.rule for f in lint_plays(shipped_plays(), MODEL, PlaySettings(), columns)]
    assert "BG-W110" in found
