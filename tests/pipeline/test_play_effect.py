"""A play's effect on a workspace (G1). Truths: counted by hand on the small company, records that are read back as they
were written, and refusals that say what is missing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from barograph.core.arrays import texts
from barograph.core.calendar import WEEK, last_grid_days, to_date
from barograph.core.play_assignment import assign
from barograph.core.thresholds import NONE
from barograph.definitions.play import HoldOut
from barograph.errors import RefusedError, UsageError
from barograph.lake.journal import Record
from barograph.pipeline.play_effect import report_play_effect
from barograph.pipeline.play_outcomes import (
    TierHistory,
    kept_at_next_decision,
    recovered_within,
    standing_at,
    tier_history,
)
from barograph.pipeline.play_records import (
    PlayRecords,
    assignment_record,
    lines_of,
    records_of,
    run_record,
)
from barograph.pipeline.recovery import workspace_recovery
from barograph.reports.play_effect import play_effect_document
from barograph.reports.recovery import recovery_document
from barograph.workspace import Workspace
from support.chain import copied
from support.chain_cli import run
from support.small_model import small_model
from support.small_workspace import MONDAY, NOW

DAYS = last_grid_days(MONDAY, 6)
RULE = HoldOut(share=0.5, never_largest_share=0)
ACCOUNTS = ("a02", "a04", "a09", "a14", "a06")


def drawn(day: int = DAYS[1], play: str = "rescue", rule: HoldOut = RULE) -> list[Record]:
    found = assign(play, ACCOUNTS, dict.fromkeys(ACCOUNTS, 1000.0), rule, seed="s")
    return [
        assignment_record(
            play, a, rule, as_of=day, key=f"{play}:{a.account_id}", seed="s", now=NOW, user="me"
        )
        for a in found
    ]


def opened(account: str, day: int, play: str = "rescue") -> Record:
    return run_record(play, account, opened_on=to_date(day), key="k", now=NOW, user="me")


def test_what_is_written_to_the_journal_is_read_back(scored: Workspace, tmp_path: Path) -> None:
    place = copied(scored, tmp_path / "w")
    written = [*drawn(), *drawn(DAYS[3]), *drawn(play="other"), opened("a04", DAYS[2])]
    for record in written:
        place.journal.append(record)
    found = records_of("rescue", place.journal.records(), MONDAY)
    arms = {a.account_id: a.arm for a in assign("rescue", ACCOUNTS, {}, RULE, seed="s")}
    assert {a.account_id for a in found.assignments} == set(ACCOUNTS)
    assert {a.day for a in found.assignments} == {DAYS[1]}, "the first draw of an account counts"
    assert set(arms.values()) <= {"treated", "held_out"}
    assert [(r.account_id, r.day) for r in found.runs] == [("a04", DAYS[2])]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(json.dumps({"what": r.what, "counts": dict(r.counts)}) for r in written))
    assert records_of("rescue", lines_of(file), MONDAY) == found


def test_what_is_recorded_later_does_not_exist_yet() -> None:
    lines = [*drawn(DAYS[3]), opened("a04", DAYS[4])]
    assert records_of("rescue", lines, DAYS[3]) == PlayRecords((), ())
    assert len(records_of("rescue", lines, DAYS[3] + 1).assignments) == len(ACCOUNTS)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1 is no record"),
        ('{"counts": {}}', "line 1 is no record"),
    ],
)
def test_a_file_that_is_no_list_of_records_names_the_line(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(line)
    with pytest.raises(UsageError, match=message):
        list(lines_of(file))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm": "control"}, "arm is 'control'"),
        ({"as_of": "monday"}, "as_of is 'monday'"),
        ({"account_id": ""}, "account_id"),
    ],
)
def test_a_record_that_lacks_something_is_named(change: dict[str, str], message: str) -> None:
    record = drawn()[0]
    wrong = Record.of(NOW, "me", record.what, counts={**record.counts, **change})
    with pytest.raises(UsageError, match=message):
        records_of("rescue", [wrong], MONDAY)


def test_a_delayed_start_says_when_it_begins() -> None:
    rule = HoldOut(share=0.5, delay_days=21, never_largest_share=0)
    found = records_of("rescue", drawn(rule=rule), MONDAY).assignments
    assert {a.begins for a in found if a.arm == "delayed"} == {DAYS[1] + 21}
    assert {a.begins for a in found if a.arm == "treated"} == {None}


HISTORY = TierHistory(
    texts(["up", "late", "watch", "left", "healthy", "new"]),
    np.array([0, 7, 14, 21, 28], dtype=np.int64),
    np.array(
        [[0, 0, 2, 0, 0], [0, 0, 0, 0, 2], [0, 1, 1, 1, 1], [0, 0, NONE, NONE, NONE], [2, 2, 2, 2, 2],
         [NONE, NONE, 0, 2, 2]],
        dtype=np.int8,
    ),
    np.full((6, 5), 3, dtype=np.int8),
)  # fmt: skip


def test_recovered_is_healthy_by_the_numbers_inside_the_days() -> None:
    """The displayed tier, all Growth here, does not count; nor does one that was Healthy to begin with."""
    ids = [*HISTORY.account_ids.tolist(), "stranger"]
    day, within = np.full(7, 7, dtype=np.int64), np.full(7, 14, dtype=np.int64)
    good, decided = recovered_within(HISTORY, ids, day, within)
    assert good.tolist() == [True, False, False, False, False, False, False]
    assert decided.tolist() == [True, True, True, True, False, False, False]


def test_early_success_does_not_count_before_the_days_are_over() -> None:
    good, decided = recovered_within(
        HISTORY, ["up"], np.array([7], dtype=np.int64), np.array([28], dtype=np.int64)
    )
    assert not decided.any() and not good.any()


def test_kept_is_the_first_decision_after_the_draw(scored: Workspace) -> None:
    """a15 let its contract end in October; a01's runs on and decides nothing."""
    manifest = scored.lake.manifest()
    day = np.full(2, DAYS[0] - 8 * WEEK, dtype=np.int64)
    within = np.full(2, 400, dtype=np.int64)
    good, decided = kept_at_next_decision(
        scored, manifest, small_model().outcome, ["a15", "a01"], day, within, MONDAY + 60
    )
    assert decided.tolist() == [True, False] and not good[0]
    near = kept_at_next_decision(
        scored, manifest, small_model().outcome, ["a15"], day[:1], np.array([7]), MONDAY + 60
    )
    assert not near[1].any(), "a decision after the days does not count"


def test_how_an_account_stood_is_read_from_its_week(scored: Workspace) -> None:
    week = standing_at(scored, scored.lake.manifest(), DAYS[3] + 3, "watch")
    assert week is not None
    row = week.account_ids.tolist().index("a09")
    assert week.family[row] == "a07" and week.segment[row] == "mid"
    assert 10 < week.over[row] < 25
    assert standing_at(scored, scored.lake.manifest(), DAYS[0] - 1, "watch") is None
    assert standing_at(scored, scored.lake.manifest(), DAYS[3], "no_such_tier") is None


def test_the_report_counts_what_the_weeks_say(scored: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("barograph.learning.play_effect.LEAST_PER_ARM", 1)
    lines = [*drawn(DAYS[3]), opened("a04", DAYS[3] + 2), opened("a09", DAYS[5] + 30)]
    records = records_of("rescue", lines, MONDAY)
    report = report_play_effect(
        scored, small_model(), "rescue", records, as_of=MONDAY, line="watch", within=14
    )
    recovered, kept = report.effects
    history = tier_history(scored, scored.lake.manifest(), DAYS[0], MONDAY)
    under = [a for a in ACCOUNTS if 0 <= history.computed[history.rows([a])[0], 3] < 2 or a == "a06"]
    arms = {a.account_id: a.arm for a in records.assignments}
    assert recovered.effect.treated.n == sum(arms[a] == "treated" for a in under)
    assert recovered.effect.held_out.n == sum(arms[a] == "held_out" for a in under)
    assert recovered.undecided == len(ACCOUNTS) - len(under)
    assert recovered.effect.treated.good == recovered.effect.held_out.good == 0
    assert kept.undecided == len(ACCOUNTS), "nobody decided yet"
    assert report.carried_out[0] == pytest.approx(
        (arms["a04"] == "treated") / sum(a == "treated" for a in arms.values())
    )
    document = play_effect_document(report, {"schema": "barograph.play_effect/1"})
    assert json.loads(json.dumps(document)) == document
    assert "cannot be told yet" in document["summary"]


def test_a_delay_ends_the_comparison(scored: Workspace) -> None:
    rule = HoldOut(share=0.5, delay_days=10, never_largest_share=0)
    records = records_of("rescue", drawn(DAYS[2], rule=rule), MONDAY)
    report = report_play_effect(scored, small_model(), "rescue", records, as_of=MONDAY, line="watch")
    assert {e.within for e in report.effects} == {10}


def test_without_anybody_held_out_the_line_is_asked_and_names_what_is_missing(scored: Workspace) -> None:
    records = PlayRecords((), records_of("rescue", [opened("a04", d) for d in DAYS], MONDAY).runs)
    report = report_play_effect(
        scored, small_model(), "rescue", records, as_of=MONDAY, line="watch", within=7
    )
    assert report.at_line is not None and report.at_line.refused == "too_few"
    assert "100 on each side are the least" in play_effect_document(report, {})["summary"]


def test_nothing_recorded_is_refused(scored: Workspace) -> None:
    with pytest.raises(RefusedError, match="nothing is recorded of the play 'rescue'"):
        report_play_effect(scored, small_model(), "rescue", PlayRecords((), ()), as_of=MONDAY, line="watch")


def test_the_verbs_answer_in_every_format(scored: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(json.dumps({"what": r.what, "counts": dict(r.counts)}) for r in drawn(DAYS[3])))
    common = (
        "plays",
        "effect",
        "rescue",
        "--records",
        file,
        "-w",
        scored.path,
        "--as-of",
        str(to_date(MONDAY)),
    )
    told = run(*common, "--within", "14", "--format", "json")
    assert told.code == 0, told.err
    assert told.json["schema"] == "barograph.play_effect/1"
    assert {e["outcome"] for e in told.json["effects"]} == {"recovered", "kept"}
    assert "never before against after" in " ".join(run(*common).out.split())
    assert run(*common, "--format", "csv").out.startswith("outcome,")
    missing = run(*common[:2], "nobody", *common[3:])
    assert missing.code == 3 and "nothing is recorded" in missing.err
    share = run("plays", "recovery", "-w", scored.path, "--as-of", str(to_date(MONDAY)), "--format", "json")
    assert share.code == 0, share.err
    assert share.json["schema"] == "barograph.recovery/1"


def test_recovery_with_plans(scored: Workspace) -> None:
    """a04 and a09 went to Watch on 2 and 9 November; a plan for one of them in time."""
    found = workspace_recovery(scored, as_of=MONDAY, plans={"a04": [DAYS[3] + 7], "a09": [DAYS[4] - 1]})
    document = recovery_document(found, {})
    assert document["recovered"]["decided"] == 0
    assert document["planned"]["decided"] == 1 and document["planned"]["met"] == 1
    assert document["planned"]["open"] == 1
    with pytest.raises(RefusedError, match="weeks are published"):
        workspace_recovery(scored, as_of=DAYS[0])


def test_dates_are_those_of_the_small_company() -> None:
    assert to_date(DAYS[3]) == date(2026, 11, 2)
