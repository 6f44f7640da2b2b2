"""Play files. Truths: property (what is written is read back), reference (docs/reference/plays.md names every key),
fuzz (a wrong file is refused with its name and line), shipped plays that are sound (issue 5; P1, P2, P4)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.definitions.base import Definition
from barograph.definitions.lint.plays import PLAY_RULES
from barograph.definitions.play import Play
from barograph.definitions.play_cadence import CadenceRow, DutyRule, PlaySettings, WorkloadRule
from barograph.definitions.play_settings import GuardRule
from barograph.definitions.play_toml import (
    dumps_play,
    load_play,
    load_play_settings,
    load_plays,
    loads_play,
    loads_play_settings,
    save_play,
)
from barograph.definitions.play_trigger import Trigger
from barograph.errors import DefinitionError
from barograph.pipeline.play_files import shipped_files
from barograph.pipeline.play_settings import shipped_settings
from barograph.pipeline.plays import shipped_plays

REFERENCE = (Path(__file__).parents[2] / "docs/reference/plays.md").read_text(encoding="utf-8")
TEXT = """
[play]
name = "renewal"
title = "Renewal"
kind = "renewal"
serves = ["commercial"]

[trigger]
on = "date"
days_before = [120, 60]

[audience]
where = {segment = ["enterprise", "mid"]}
unless = {touch_model = "tech_touch"}
notice_given = false

[owner]
rule = "am"

[[step]]
name = "value"
title = "Show what it brought"
milestone = 120
owner = {rule = "pool", pool = "scale"}

[[step]]
name = "proposal"
title = "Send the proposal"
customer_facing = true
hours = 2.5

[success]
check_after_days = 30
tier_at_least = "healthy"
signals = [{signal = "nps", at_least = 7}]

[sla]
touch_days = 2
escalate_to = {rule = "lead"}
rules = [{tiers = ["at_risk"], touch_days = 1}]

[hold_out]
share = 0.1
delay_days = 30
"""
TRIGGERS: dict[str, type[Definition]] = {
    get_args(cls.model_fields["on"].annotation)[0]: cls for cls in get_args(get_args(Trigger)[0])
}
SMALL: dict[str, dict[str, Any]] = {
    "tier_entered": {"tiers": ["at_risk", "insufficient"], "from_tiers": ["watch"]},
    "tier_left": {"tiers": ["growth"], "to_tiers": ["healthy"]},
    "tier_held": {"tiers": ["watch"], "for_days": 60, "of_days": 90},
    "component_below": {"components": ["adoption"], "categories": ["usage"], "below": 40.5, "for_weeks": 2},
    "score_change": {"points": 12, "over_weeks": 2, "direction": "up"},
    "signal_change": {"signal": "nps", "by": 0.3, "measure": "value", "over_weeks": 1, "direction": "up"},
    "signals": {
        "all_of": [{"signal": "nps", "below": 3.0}],
        "any_of": [{"signal": "tickets", "missing": True}],
        "for_weeks": 3,
    },
    "date": {"before": "renewal", "days_before": [90, 30]},
    "lifecycle": {"stages": ["onboarding"]},
    "pulse": {
        "sponsor_status": ["missing"],
        "executive_engagement": ["none"],
        "outcome_narrative": ["missing"],
        "within_days": 30,
    },
    "trajectory": {"heading": "declining"},
    "manual": {},
}


def test_every_kind_of_trigger_is_tried() -> None:
    assert set(SMALL) == set(TRIGGERS)
    for on, fields in SMALL.items():
        assert {"on", *fields} == set(TRIGGERS[on].model_fields), on


@pytest.mark.parametrize("on", SMALL)
def test_a_play_of_every_kind_is_written_and_read_back(on: str, tmp_path: Path) -> None:
    play = Play.model_validate({**tomllib.loads(TEXT)["play"], "trigger": {"on": on, **SMALL[on]}, "steps": [
        {"name": "do", "title": "Do it", "owner": {"rule": "person", "person": "ana@example.com"}},
        {"name": "send", "title": "Send it", "channel": "tech_touch", "event": "sent", "due_days": 0},
    ]})  # fmt: skip
    assert loads_play(dumps_play(play)) == play
    assert loads_play(dumps_play(play, comments=False)) == play
    save_play(play, tmp_path / "p.toml")
    assert load_play(tmp_path / "p.toml") == play


@given(
    title=st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(
        str.strip
    ),
    detail=st.text(st.characters(blacklist_categories=("Cs",)), max_size=300),
    hours=st.floats(0, 100, allow_nan=False),
    arr=st.one_of(st.none(), st.floats(0, 1e9, allow_nan=False)),
)
def test_texts_and_numbers_survive(title: str, detail: str, hours: float, arr: float | None) -> None:
    play = Play.model_validate(
        {
            "name": "p",
            "title": title,
            "trigger": {"on": "manual"},
            "audience": {"arr_at_least": arr},
            "steps": [{"name": "do", "title": title, "detail": detail, "hours": hours}],
        }
    )
    assert loads_play(dumps_play(play)) == play


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('on = "date"', 'on = "dat"', 9, 'trigger > on is "dat"; nearest: "date"'),
        ("[120, 60]", "[60, 120]", 8, "days_before go from far to near"),
        ('rule = "am"', 'rule = "amm"', 18, 'owner > rule is "amm"; nearest: "am"'),
        ('title = "Show', 'titel = "Show', 22, 'step "value" > unknown key "titel"; nearest: "title"'),
        (
            "notice_given = false",
            "notice_given = 3",
            15,
            "audience > notice_given is 3; must be true or false",
        ),
        ("check_after_days = 30", 'check_after_days = "30"', 33, 'is "30"; must be a whole number'),
        ("at_least = 7", "at_leest = 7", 35, 'success > signals 1 > unknown key "at_leest"'),
        ('["at_risk"]', '["at_rsk"]', 40, 'is "at_rsk"; nearest: "at_risk"'),
        ("[owner]", "[ownr]", 17, 'unknown key "ownr"; nearest: "owner"'),
        ('["enterprise", "mid"]', "{at_least = 3}", 13, "must be a text, a number, true or false, or a list"),
        ('name = "proposal"', 'name = "value"', None, "step names must differ: value is there twice"),
        ("share = 0.1", "share = 0.9", 43, "must be at most 0.5"),
        ('rule = "pool", pool = "scale"', 'rule = "pool"', 24, "needs pool, its name"),
        ("touch_days = 2", "touch_days = 0", 38, "must be above 0"),
        ("days_before", "days_befor", 10, 'unknown key "days_befor"; nearest: "days_before"'),
        ("[[step]]", "[step]", None, "step is written [[step]]"),
        ('title = "Renewal"', "title = 2026-01-01", 4, "a date or time; a play file has none"),
    ],
)
def test_errors_name_file_line_key_and_value(old: str, new: str, line: int | None, said: str) -> None:
    text = TEXT.replace(old, new) if old == "[[step]]" else TEXT.replace(old, new, 1)
    if old == "[[step]]":
        text = re.sub(r"\[step\]\nname = \"proposal\".*?(?=\[success\])", "", text, flags=re.DOTALL)
    with pytest.raises(DefinitionError) as failed:
        loads_play(text, where="plays/renewal.toml")
    told = str(failed.value)
    assert told.startswith("plays/renewal.toml: ")
    assert said in told
    assert line is None or f"line {line}: " in told


@given(st.data())
def test_a_file_that_lost_a_line_is_read_or_refused_in_words(data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    gone = data.draw(st.integers(0, len(lines) - 1))
    try:
        loads_play("\n".join(lines[:gone] + lines[gone + 1 :]), where="p.toml")
    except DefinitionError as error:
        assert str(error).startswith("p.toml: ")


def test_a_folder_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    """Two plays of one name, and what is wrong in another file, are told together."""
    for file, text in {"a": TEXT, "b": TEXT, "c": TEXT.replace("[play]", "[pla]")}.items():
        (tmp_path / f"{file}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as failed:
        load_plays(sorted(tmp_path.glob("*.toml")))
    assert 'the name "renewal" is that of a.toml already' in str(failed.value)
    assert 'c.toml: line 2: unknown key "pla"' in str(failed.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="there is no such play file"):
        load_play(tmp_path / "none.toml")
    (tmp_path / "s.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DefinitionError, match="is not UTF-8 text"):
        load_play_settings(tmp_path / "s.toml")


def test_settings_name_what_is_wrong() -> None:
    text = (
        '[cadence]\nimprove_refreshes = 3\n\n[[row]]\nstate = "watch"\nduties = [{name = "x", title = "X"}]\n'
    )
    with pytest.raises(DefinitionError) as failed:
        loads_play_settings(text, where="plays/settings.toml")
    assert "line 6: " in str(failed.value)
    assert "give one of every_days, within_days and after_days" in str(failed.value)
    with pytest.raises(DefinitionError, match='is "wach"; nearest: "watch"'):
        loads_play_settings('[[row]]\nstate = "wach"\n')
    assert loads_play_settings("").over(shipped_settings()).rows == shipped_settings().rows


def test_shipped_plays_are_those_that_were_asked_for() -> None:
    """Issue 5: rescue, adoption, sponsor re-engagement, onboarding, renewal, executive alignment, expansion discovery,
    advocacy, complacency audit, tech-touch enablement."""
    kinds = {play.kind for play in shipped_plays()}
    assert kinds >= {
        "rescue", "adoption", "re_engagement", "onboarding", "renewal", "executive_alignment", "expansion", "advocacy",
        "complacency", "enablement",
    }  # fmt: skip
    renewal = next(play for play in shipped_plays() if play.name == "renewal")
    assert renewal.milestones == (180, 120, 90, 60, 30), "P4"
    rescue = next(play for play in shipped_plays() if play.name == "rescue")
    assert (rescue.sla.owner_days, rescue.sla.touch_days, rescue.sla.plan_days) == (1, 2, 5), "P4"
    watch = next(play for play in shipped_plays() if play.name == "watch_plan")
    assert (watch.sla.touch_days, watch.sla.plan_days) == (5, 7), "P4"
    assert all(not play.hold_out.share for play in shipped_plays()), "G1: off by default"
    assert {play.name for play in shipped_plays()} == set(shipped_files())


@pytest.mark.parametrize("play", shipped_plays(), ids=lambda play: play.name)
def test_shipped_plays_are_written_and_read_back(play: Play) -> None:
    assert loads_play(dumps_play(play)) == play


def definitions_in(annotation: Any) -> list[type[Definition]]:
    if isinstance(annotation, type) and issubclass(annotation, Definition):
        return [annotation]
    return [cls for part in get_args(annotation) for cls in definitions_in(part)]


def keys_of(cls: type[Definition], seen: set[type[Definition]]) -> set[str]:
    """Every key of a definition and of those inside it."""
    if cls in seen:
        return set()
    seen.add(cls)
    found = set(cls.model_fields)
    for info in cls.model_fields.values():
        for inner in definitions_in(info.annotation):
            found |= keys_of(inner, seen)
    return found


def test_every_key_and_rule_is_in_the_reference() -> None:
    written = set(re.findall(r"`\[*([a-z_]+)\]*`", REFERENCE))
    keys: set[str] = set()
    for cls in (Play, PlaySettings, GuardRule, CadenceRow, DutyRule, WorkloadRule, *TRIGGERS.values()):
        keys |= keys_of(cls, set())
    missing = (keys | set(TRIGGERS)) - written - {"steps", "rows"}
    assert not missing, f"docs/reference/plays.md does not say: {', '.join(sorted(missing))}"
    rules = set(re.findall(r"`(BG-[EW]\d{3})`", REFERENCE))
    assert rules == {rule.id for rule in PLAY_RULES}
    shipped = {play.name for play in shipped_plays()}
    assert not shipped - written
