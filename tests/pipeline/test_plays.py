"""What published weeks set off. Truths: planted (accounts of the small company that fall, pass a date or go silent),
replay (the same week gives the same keys, whatever was published since), requirement P9 end to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from barograph.core.calendar import WEEK, to_date
from barograph.core.firing import FiredReport
from barograph.definitions.play import Play
from barograph.definitions.play_toml import save_play
from barograph.definitions.toml_io import dumps_model
from barograph.errors import DefinitionError, RefusedError, UsageError
from barograph.pipeline.play_files import write_shipped
from barograph.pipeline.plays import ALWAYS, fired, plays_of, shipped_plays, standing
from barograph.workspace import Workspace
from support.chain import content, copied, refreshed, scored_rows
from support.chain_company import DAYS, Company
from support.small_model import small_model
from support.small_workspace import MONDAY, bring_in, made, tables, write_csv, write_exports
from support.trigger_facts import play_of

WEEKS = tuple(range(MONDAY - 5 * WEEK, MONDAY + 1, WEEK))
RELEASED = {"small-v1"}
DOWN = play_of(
    {"on": "tier_entered", "tiers": ["at_risk", "watch"], "from_tiers": ["healthy", "growth"]}, "down"
)
SPONSOR = play_of({"on": "signals", "all_of": [{"signal": "sponsor_active", "below": 1}]}, "sponsor")
TICKETS = play_of({"on": "signals", "all_of": [{"signal": "tickets", "at_least": 2}]}, "tickets")
DATE = play_of({"on": "date", "days_before": [90, 60, 30]}, "date")
PLAYS = (DOWN, SPONSOR, TICKETS, DATE)


@pytest.fixture(scope="module")
def weekly(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small company, six weeks scored one by one. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("plays") / "weekly")
    for day in WEEKS:
        refreshed(place, as_of=day)
    return place


def keys(report: FiredReport) -> set[str]:
    return {one.key for one in report.fired}


def look(place: Workspace, day: int, plays: Iterable[Play] = PLAYS, **given: object) -> FiredReport:
    return fired(place, day, plays=plays, **{"released": RELEASED, **given})  # type: ignore[arg-type]


def test_each_account_fires_for_what_happened_to_it(weekly: Workspace) -> None:
    """a04 lost its sponsor three weeks before MONDAY; a01 asked for help a second time; a14 is near its opt-out."""
    found = [one for day in WEEKS[1:] for one in look(weekly, day).fired]
    sponsor = {one.account_id: to_date(one.day) for one in found if one.play == "sponsor"}
    assert sponsor == {"a04": to_date(MONDAY - 2 * WEEK)}
    assert {one.account_id for one in found if one.play == "tickets"} == {"a01"}
    dates = {(one.account_id, one.milestone) for one in found if one.play == "date"}
    assert {("a14", 30), ("a14", 60)} & dates
    assert ("a01", 60) not in dates


def test_tiers_of_the_weeks_say_the_same(weekly: Workspace) -> None:
    for day in WEEKS[1:]:
        before, now = scored_rows(weekly, day - WEEK), scored_rows(weekly, day)
        fell = {
            a
            for a, row in now.items()
            if row["tier"] in ("at_risk", "watch") and before.get(a, {}).get("tier") in ("healthy", "growth")
        }
        assert {one.account_id for one in look(weekly, day, [DOWN]).fired} == fell


def test_a_replay_gives_nothing_new(weekly: Workspace, tmp_path: Path) -> None:
    """The same week again, also after later weeks were published, and nothing is written."""
    place = copied(weekly, tmp_path / "w")
    stored = content(place)
    once = {day: look(place, day) for day in WEEKS}
    assert {day: look(place, day) for day in WEEKS} == once
    assert content(place) == stored
    refreshed(place, as_of=MONDAY + WEEK)
    assert {day: keys(look(place, day)) for day in WEEKS} == {day: keys(r) for day, r in once.items()}
    refreshed(place, as_of=MONDAY, restate="again")
    assert keys(look(place, MONDAY)) == keys(once[MONDAY])


def test_weeks_looked_at_together_give_what_weekly_looks_gave(weekly: Workspace) -> None:
    """A worker that was away for weeks asks `since` the last it saw: keys are the weekly ones, of what still holds."""
    by_week = {key for day in WEEKS[1:] for key in keys(look(weekly, day))}
    together = look(weekly, MONDAY, since=WEEKS[0])
    assert keys(together) <= by_week
    assert keys(look(weekly, MONDAY)) <= keys(together)
    assert {h.because for h in together.held_back} <= {"over"}


def test_what_stands_is_what_waits_and_is_not_over(scored: Workspace) -> None:
    """Whoever releases after weeks of waiting can leave out what is over by then."""
    waiting = fired(scored, MONDAY, plays=PLAYS)
    stands = {one.key for one in standing(scored, MONDAY, plays=PLAYS)}
    assert stands == {h.fired.key for h in waiting.held_back if h.because == "going_live"}


def test_going_live_fires_nothing_until_it_is_released(scored: Workspace) -> None:
    """P9. What has stood for weeks is listed, and waits; so do dates."""
    waiting = fired(scored, MONDAY, plays=PLAYS)
    assert waiting.fired == ()
    assert {h.because for h in waiting.held_back} <= {"going_live", "over"}
    assert {h.fired.play for h in waiting.held_back} >= {"sponsor", "date"}
    assert fired(scored, MONDAY, plays=PLAYS, released=set()).fired == ()
    free = look(scored, MONDAY)
    assert keys(free) == {h.fired.key for h in waiting.held_back if h.because == "going_live"}
    assert free.unreleased == ()


def test_a_changed_threshold_fires_nothing_until_it_is_released(raw: Workspace, tmp_path: Path) -> None:
    """P9: everybody falls a tier by the new lines; nothing fires, now or in the week in which damping lets them go."""
    place = copied(raw, tmp_path / "w")
    for day in WEEKS[:-2]:
        refreshed(place, as_of=day)
    tiers = tuple(
        {"name": t.name, "label": t.label, "definition": t.definition, "from_score": line}
        for t, line in zip(small_model().tiers, (0, 94, 97, 99), strict=True)
    )
    model = small_model(tiers=tiers, damping={"confirmations": 2, "immediate_drop": 100})
    (place.path / "models/small.toml").write_text(dumps_model(model), encoding="utf-8")
    two = WEEKS[-2:]
    for day in two:
        refreshed(place, as_of=day)
    fell = 0
    for day in two:
        for released in (None, RELEASED):
            report = fired(place, day, plays=[DOWN, DATE], released=released, guard=False)
            held = [h for h in report.held_back if h.because == "version_not_released"]
            assert not [one for one in report.fired if one.play == "down"]
            assert {h.fired.play for h in held} <= {"down"}
            assert report.unreleased == (("small-v2",) if released else ())
        fell += len(held)
        both = fired(place, day, plays=[DOWN], released={"small-v1", "small-v2"}, guard=False)
        assert keys(both) == {h.fired.key for h in held}
    assert fell >= 5, "the new lines do move accounts"


def test_a_silent_feed_is_one_incident(weekly: Workspace, tmp_path: Path) -> None:
    """No event after MONDAY: usage, more than half of the score, is silent for everybody."""
    place = copied(weekly, tmp_path / "w")
    for day in (MONDAY + WEEK, MONDAY + 2 * WEEK):
        refreshed(place, as_of=day)
    first, second = (look(place, MONDAY + k * WEEK, [*PLAYS, *shipped_plays()]) for k in (1, 2))
    assert first.incident is not None and second.incident is not None
    assert first.incident.kind == "feed"
    assert first.incident.key == second.incident.key, "one incident for as long as it lasts"
    assert "active users" in first.incident.what
    for report in (first, second):
        assert {one.play for one in report.fired} <= {"date", "renewal", "onboarding", "sponsor_lost"}
        stopped = Counter(h.fired.play for h in report.held_back if h.because == "data_incident")
        assert report.incident is not None and stopped == report.incident.plays
    let_pass = look(place, MONDAY + WEEK, guard=False)
    assert let_pass.incident is None
    assert not [h for h in let_pass.held_back if h.because == "data_incident"]


def test_a_feed_that_brings_a_tenth_is_an_incident(tmp_path: Path) -> None:
    """Fresh rows come in, but only of one user in ten: nothing is stale, and every account seems to lose its users."""
    place = made(tmp_path / "w")
    exports = write_exports(tmp_path / "exports")
    last_weeks = str(to_date(MONDAY - 3 * WEEK))
    kept = [r for r in tables()["events"] if r["occurred_at"] < last_weeks or r["user_id"].endswith("u0")]
    write_csv(exports / "events.csv", kept)
    (place.path / "plays").mkdir()
    (place.path / "plays/settings.toml").write_text("[guard]\naccounts_at_least = 7\n", encoding="utf-8")
    bring_in(place, exports)
    for day in WEEKS:
        refreshed(place, as_of=day)
    adoption = play_of({"on": "component_below", "components": ["adoption"], "below": 60}, "adoption")
    kinds = {}
    for day in WEEKS[1:]:
        report = look(place, day, [adoption, DATE])
        kinds[day] = report.incident and report.incident.kind
        if report.incident is not None:
            assert {one.play for one in report.fired} <= {"date"}
            assert report.incident.signals, "what moved the accounts is told"
    assert kinds[MONDAY - 3 * WEEK] is None
    assert "scores" in kinds.values()


def test_the_guard_is_set_in_the_workspace(weekly: Workspace, tmp_path: Path) -> None:
    place = copied(weekly, tmp_path / "w")
    refreshed(place, as_of=MONDAY + WEEK)
    (place.path / "plays").mkdir()
    (place.path / "plays/settings.toml").write_text("[guard]\nenabled = false\n", encoding="utf-8")
    assert look(place, MONDAY + WEEK).incident is None
    assert plays_of(place) == shipped_plays(), "settings alone replace no play"


def test_the_seeded_company_in_its_last_weeks(company: Company) -> None:
    """Shipped plays on 120 accounts: every week some, never most of them, no account twice for one play."""
    for day in DAYS[3:]:
        report = fired(company.place, day, released={"saas-v1", "saas-v2"}, since=day - WEEK)
        assert report.incident is None
        assert 0 < len(report.fired) < 60
        assert len({(one.play, one.account_id) for one in report.fired}) == len(report.fired)
        assert all(
            one.reason and one.evidence["week"] == to_date(one.day).isoformat() for one in report.fired
        )


def test_nobody_comes_to_at_risk_without_a_rescue(company: Company) -> None:
    """The tables of the weeks, read slowly: every fall to At Risk of an account that stays has its key, in its week."""
    rows = {day: scored_rows(company.place, day) for day in DAYS}
    rescue = [play for play in shipped_plays() if play.name == "rescue"]
    wanted, found = set(), set()
    for before, day in pairwise(DAYS):
        for account, row in rows[day].items():
            was = rows[before].get(account, {}).get("tier")
            if row["tier"] == "at_risk" and was in ("watch", "healthy", "growth") and not row["notice_given"]:
                wanted.add(f"rescue/{account}/{to_date(day)}")
        report = fired(company.place, day, released={"saas-v1", "saas-v2"}, since=before, plays=rescue)
        held = {h.fired.key for h in report.held_back if h.because == "data_incident"}
        found |= {one.key for one in report.fired} | held
    assert wanted
    assert wanted <= found
    assert {key.split("/")[1] for key in found - wanted} <= {
        account
        for account in rows[DAYS[-1]]
        if any(
            rows[d].get(account, {}).get("tier") is None or rows[d][account]["tier"] == "insufficient"
            for d in DAYS
        )
    }, "the others came from too little data, or were new"


def test_own_plays_replace_the_shipped_ones(weekly: Workspace, tmp_path: Path) -> None:
    place = copied(weekly, tmp_path / "w")
    assert plays_of(place) == shipped_plays()
    (place.path / "plays").mkdir()
    save_play(SPONSOR, place.path / "plays/sponsor.toml")
    assert plays_of(place) == (SPONSOR,)
    assert {one.play for one in fired(place, MONDAY, released=RELEASED, since=ALWAYS).fired} == {"sponsor"}
    save_play(SPONSOR.model_copy(update={"priority": 5}), place.path / "plays/sponsor.toml")
    assert [play.priority for play in plays_of(place)] == [5], "an edit is seen at once"
    (place.path / "plays/other.toml").write_text("[play]\nname = 3\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match="line 2: play > name is 3"):
        fired(place, MONDAY)


def test_shipped_plays_are_written_to_be_edited(tmp_path: Path) -> None:
    place = made(tmp_path / "w")
    assert [written for _, written in write_shipped(place, ["rescue"])] == [True]
    assert [play.name for play in plays_of(place)] == ["rescue"]
    done = dict(write_shipped(place, []))
    assert [path.name for path, written in done.items() if not written] == ["rescue.toml"]
    assert plays_of(place) == shipped_plays()
    with pytest.raises(UsageError, match="Did you mean 'rescue'"):
        write_shipped(place, ["rescu"])


def test_without_a_scored_week_there_is_nothing_to_look_at(raw: Workspace) -> None:
    with pytest.raises(RefusedError, match="no week is scored"):
        fired(raw, MONDAY)
