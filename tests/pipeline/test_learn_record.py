"""Track records as they are kept: nothing is lost in counting, the nearest lead time answers (L5, H2)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from barograph.core.arrays import texts
from barograph.learning.track_record import ScoredHistory, track_record
from barograph.pipeline.learn_record import TrackRecords, add_counts, count_history

ROWS = st.lists(
    st.tuples(
        st.floats(0, 100), st.sampled_from([30, 60, 90]), st.booleans(), st.sampled_from(["smb", "ent"])
    ),
    min_size=1,
    max_size=200,
)


def counted(rows: list[tuple[float, int, bool, str]]) -> list[dict[str, object]]:
    score, lead, lost, segment = zip(*rows, strict=True)
    return count_history(np.array(score), np.array(lead), np.array(lost), texts(segment))


@given(ROWS, st.floats(0, 100), st.integers(0, 200), st.sampled_from(["smb", "ent", "other"]))
def test_counts_answer_as_the_rows_themselves_do(
    rows: list[tuple[float, int, bool, str]], score: float, lead: int, segment: str
) -> None:
    columns = list(zip(*rows, strict=True))
    history = ScoredHistory(
        np.array(columns[0]), np.array(columns[1]), np.array(columns[2]), texts(columns[3])
    )
    assert TrackRecords(counted(rows)).of(score, lead, segment) == track_record(history, score, lead, segment)


@given(ROWS, ROWS)
def test_two_pasts_add_up(
    one: list[tuple[float, int, bool, str]], two: list[tuple[float, int, bool, str]]
) -> None:
    assert add_counts(counted(one), counted(two)) == counted([*one, *two])


def test_rows_without_a_score_say_nothing() -> None:
    found = count_history(
        np.array([np.nan, 55.0]), np.array([90, 90]), np.array([True, False]), texts(["", ""])
    )
    assert found == [{"score": 50, "lead_days": 90, "segment": "", "n": 1, "lost": 0}]


def test_without_a_date_the_longest_lead_answers() -> None:
    rows = [(55.0, 30, False, "smb")] * 40 + [(55.0, 90, True, "smb")] * 30
    found = TrackRecords(counted(rows)).of(55.0, None, "smb")
    assert found is not None
    assert (found.lead_days, found.n, found.lost) == (90, 30, 30)
