"""An edited model file is a new version from its week on; what was said before stays said (S2, L6, H2, decision 12)."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.core.calendar import WEEK, day_number, to_date
from barograph.definitions.model import ScoreModel
from barograph.definitions.toml_io import dumps_model
from barograph.errors import DefinitionError, LakeError, RefusedError, UsageError
from barograph.pipeline.refresh import as_of_day
from barograph.pipeline.registry import Registry
from barograph.pipeline.score_store import published_weeks
from barograph.workspace import Workspace
from support.chain import content, copied, refreshed, scored_rows
from support.small_model import SIGNALS, small_model
from support.small_workspace import MONDAY, NOW, made

BEFORE = MONDAY - WEEK
HEAVY_SPONSOR = {"sponsor_active": 40.0, "active_users": 10.0}


def edit(place: Workspace, model: ScoreModel) -> None:
    (place.path / "models/small.toml").write_text(dumps_model(model), encoding="utf-8")


def registry(place: Workspace) -> Registry:
    return Registry(place.path / "registry")


def longer_window() -> ScoreModel:
    """`active_users` measured over 56 days instead of 28: the values themselves are others."""
    signals = [{**s, "window_days": 56} if s["name"] == "active_users" else s for s in SIGNALS]
    return small_model(signals=signals)


def one_more_signal() -> ScoreModel:
    """`tickets`, a candidate so far, takes over half the weight of `oldest_p1`."""
    return small_model({"tickets": 10.0, "oldest_p1": 10.0})


def without_a_signal() -> ScoreModel:
    """`usage_change` is no longer there, its weight lies on `active_users`."""
    signals = [
        {**s, "weight": 40} if s["name"] == "active_users" else s
        for s in SIGNALS
        if s["name"] != "usage_change"
    ]
    return small_model(signals=signals)


@pytest.fixture(scope="module")
def four_weeks(raw: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Scored week by week up to the week before MONDAY. Read only."""
    place = copied(raw, tmp_path_factory.mktemp("versions") / "w")
    for day in range(BEFORE - 3 * WEEK, BEFORE + 1, WEEK):
        refreshed(place, as_of=day)
    return place


@pytest.mark.parametrize(
    ("model", "touched"),
    [
        pytest.param(small_model(HEAVY_SPONSOR), 13, id="weights"),
        pytest.param(longer_window(), 2, id="window: only the two that lost users since"),
        pytest.param(one_more_signal(), 13, id="one more"),
        pytest.param(without_a_signal(), 13, id="one less"),
    ],
)
def test_an_edit_is_a_new_version_and_its_effect_is_weights(
    four_weeks: Workspace, tmp_path: Path, model: ScoreModel, touched: int
) -> None:
    place = copied(four_weeks, tmp_path / "w")
    old_files = content(place)
    first = registry(place).versions("small")
    first_text = (place.path / "registry/small/v0001.toml").read_bytes()
    edit(place, model)
    report = refreshed(place, 4)
    assert report.new_version
    assert report.version.key == "small-v2"
    assert (report.version.effective_from, report.version.reason) == (MONDAY, "small.toml was edited")
    assert report.scored == (MONDAY,)

    scores = {key: files for key, files in old_files.items() if key[0] == "scores"}
    assert scores.items() <= content(place).items()
    assert registry(place).versions("small")[:1] == first
    assert (place.path / "registry/small/v0001.toml").read_bytes() == first_text
    models = [week.model for week in published_weeks(place.lake.manifest()).values()]
    assert models == ["small-v1"] * 4 + ["small-v2"]

    weights = 0
    earlier = scored_rows(place, BEFORE)
    for account, row in scored_rows(place, MONDAY).items():
        if row["score"] is None:
            continue
        assert row["previous_score"] == earlier[account]["score"]
        total = sum(item["points"] for item in row["change"])
        assert row["previous_score"] + total == pytest.approx(row["score"], abs=1e-9)
        of_model = [i for i in row["change"] if (i["kind"], i["cause"]) == ("weights", "model")]
        weights += bool(of_model)
        assert "late_rows" not in {item["name"] for item in row["change"]}
    assert weights == touched


def test_words_alone_make_no_version(four_weeks: Workspace, tmp_path: Path) -> None:
    """A title, a label and a note change no number and no tier."""
    place = copied(four_weeks, tmp_path / "w")
    signals = [{**SIGNALS[0], "label": "people who were there", "note": "New words."}, *SIGNALS[1:]]
    edit(place, small_model(title="Another title", signals=signals))
    report = refreshed(place)
    assert (report.new_version, report.version.key) == (False, "small-v1")


def test_going_back_is_a_version_of_its_own(four_weeks: Workspace, tmp_path: Path) -> None:
    """History names what was in force when; version 1 did not score the weeks of version 3."""
    place = copied(four_weeks, tmp_path / "w")
    edit(place, small_model(HEAVY_SPONSOR))
    refreshed(place)
    edit(place, small_model())
    report = refreshed(place, as_of=MONDAY + WEEK)
    assert (report.version.key, report.new_version) == ("small-v3", True)
    first, _, third = registry(place).versions("small")
    assert first.behaviour == third.behaviour
    again = refreshed(place, as_of=MONDAY + WEEK)
    assert (again.version.key, again.new_version) == ("small-v3", False)


def test_weeks_are_scored_with_the_version_of_their_time(raw: Workspace, tmp_path: Path) -> None:
    """A gap between two versions is filled with the one that was in force then, and is not called filled in."""
    place = copied(raw, tmp_path / "w")
    refreshed(place, as_of=BEFORE - 2 * WEEK)
    edit(place, small_model(HEAVY_SPONSOR))
    refreshed(place, as_of=MONDAY)
    report = refreshed(place, 4, as_of=BEFORE)
    assert report.scored == (BEFORE - 3 * WEEK, BEFORE - WEEK, BEFORE)
    weeks = published_weeks(place.lake.manifest())
    assert {day: (week.model, week.filled) for day, week in weeks.items()} == {
        BEFORE - 3 * WEEK: ("small-v1", True),
        BEFORE - 2 * WEEK: ("small-v1", False),
        BEFORE - WEEK: ("small-v1", False),
        BEFORE: ("small-v1", False),
        MONDAY: ("small-v2", False),
    }


def test_a_version_that_was_edited_afterwards_is_refused(four_weeks: Workspace, tmp_path: Path) -> None:
    place = copied(four_weeks, tmp_path / "w")
    file = place.path / "registry/small/v0001.toml"
    file.write_text(dumps_model(small_model(HEAVY_SPONSOR)), encoding="utf-8")
    before = content(place)
    with pytest.raises(LakeError, match=r"no longer has the fingerprint .*Versions are never edited"):
        refreshed(place)
    assert {k: v for k, v in content(place).items() if k[0] == "scores"} == {
        k: v for k, v in before.items() if k[0] == "scores"
    }


def test_a_record_that_cannot_be_read_is_named(four_weeks: Workspace, tmp_path: Path) -> None:
    place = copied(four_weeks, tmp_path / "w")
    file = place.path / "registry/small/v0001.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(LakeError, match=r"v0001\.json.*cannot be read"):
        registry(place).versions("small")


def test_a_version_that_does_not_exist_names_those_that_do(four_weeks: Workspace) -> None:
    with pytest.raises(UsageError, match=r"no model version 'small-v9'.*small-v1"):
        registry(four_weeks).by_key("small-v9")


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        (small_model({"active_users": 40.0}), "BG-E001"),
        (small_model(caps=[{"name": "c", "label": "C", "tier_at_most": "watch",
                            "when": [{"signal": "no_such", "at_least": 1}]}]), "no_such"),
        (small_model(signals=[{**SIGNALS[0], "measure": "usr_id"}, *SIGNALS[1:]]), "user_id"),
    ],
    ids=["weights", "reference", "column"],
)  # fmt: skip
def test_a_model_with_errors_is_refused_before_anything_is_written(
    raw: Workspace, tmp_path: Path, model: ScoreModel, rule: str
) -> None:
    place = copied(raw, tmp_path / "w")
    edit(place, model)
    before = {p: p.read_bytes() for p in place.path.rglob("*") if p.is_file()}
    with pytest.raises(DefinitionError) as caught:
        refreshed(place)
    assert rule in str(caught.value)
    assert "small.toml" in str(caught.value)
    assert caught.value.exit_code == 2
    assert {p: p.read_bytes() for p in place.path.rglob("*") if p.is_file()} == before


def test_without_data_nothing_is_scored_and_no_version_made(tmp_path: Path) -> None:
    place = made(tmp_path / "w")
    with pytest.raises(RefusedError, match=r"no table is imported \(0 rows\).*barograph import") as caught:
        refreshed(place)
    assert caught.value.exit_code == 3
    assert not (place.path / "registry").exists()
    assert place.lake.manifest().generation == 0


@pytest.mark.parametrize("day", range(7))
def test_any_day_of_a_week_means_its_monday(day: int) -> None:
    """Decision 1: the grid is Mondays, and the default is the latest one not after today."""
    given = to_date(MONDAY + day)
    assert as_of_day(given, to_date(MONDAY + 100)) == MONDAY
    assert as_of_day(None, given) == MONDAY
    assert day_number(NOW.date()) == MONDAY
