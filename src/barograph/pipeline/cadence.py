"""Cadences and capacity on a workspace: the history of its published weeks, and what it makes due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from barograph.core.arrays import AnyArray, FloatArray, IntArray, TextArray, texts
from barograph.core.cadence import CadenceReport, Done, cadence
from barograph.core.cadence_facts import CadenceFacts, known_since, settled, states
from barograph.core.calendar import WEEK, to_date
from barograph.core.thresholds import NONE, TIER_CODES
from barograph.core.workload import Capacities, Workload, WorkloadFacts, workload
from barograph.definitions.play_cadence import PlaySettings
from barograph.errors import RefusedError
from barograph.pipeline.play_columns import coded, flagged, rows_of, taken
from barograph.pipeline.play_settings import settings_of
from barograph.pipeline.score_store import PublishedWeek, published_weeks, read_scores
from barograph.workspace import Workspace

COLUMNS = (
    *("account_id", "tier", "computed_tier", "tier_since", "notice_given", "lifecycle", "touch_model"),
    *("arr", "last_touch_day", "csm_email", "opt_out_day"),
)
LEAST_WEEKS = 60
"""History that is always read: four quarters and some, so that four quarters of green can be seen."""
LOST_DAYS = 90
"""How long an account that is gone stays on the list of what is due."""


@dataclass(frozen=True, slots=True)
class CadenceHistory:
    """What was read. owner, days_to_opt_out: of each account's last week. live_since: day of the first week that was
    scored live, None while there is none."""

    facts: CadenceFacts
    owner: TextArray
    days_to_opt_out: FloatArray
    live_since: int | None


def history(workspace: Workspace, as_of: int, *, settings: PlaySettings | None = None) -> CadenceHistory:
    """The accounts of the last published week not after `as_of`, and those that are gone since less than LOST_DAYS.

    An account is lost from the first published week in which it is not scored any more. Raises RefusedError when no
    week is published by then.
    """
    weeks = [week for day, week in published_weeks(workspace.lake.manifest()).items() if day <= as_of]
    if not weeks:
        raise RefusedError(
            f"no week is scored as of {to_date(as_of)} or before.",
            where=str(workspace.path),
            hint="Run `barograph refresh`.",
        )
    live = next((week.day for week in weeks if not week.filled), None)
    span = _span(settings or settings_of(workspace))
    chosen = [week for week in weeks if week.day >= weeks[-1].day - span]
    tables = [read_scores(workspace.lake, week, COLUMNS) for week in chosen]
    return _history(chosen, tables, live)


def duties(
    workspace: Workspace,
    as_of: int,
    *,
    today: int,
    done: Done | None = None,
    live_since: int | None = None,
    until: int | None = None,
    holidays: frozenset[date] = frozenset(),
) -> CadenceReport:
    """What the cadences make due (`core.cadence.cadence`), from the published weeks not after `as_of`.

    live_since: the day from which cadences are kept; by default that of the first week that was scored live.
    """
    settings = settings_of(workspace)
    found = history(workspace, as_of, settings=settings)
    since = found.live_since if live_since is None else live_since
    return cadence(
        found.facts,
        settings,
        today=today,
        done=done,
        live_since=since,
        until=until,
        holidays=holidays,
    )


def team_load(
    workspace: Workspace,
    as_of: int,
    *,
    today: int,
    done: Done | None = None,
    weeks: int = 4,
    hours: Mapping[str, float] | None = None,
    extra: Mapping[str, float] | None = None,
) -> Workload:
    """Hours a week by CSM that the cadences imply, and what follows from them (`core.workload.workload`).

    hours: what somebody has a week, where it is not the settings' hours_per_week. extra: what open plays take.
    """
    settings = settings_of(workspace)
    found = history(workspace, as_of, settings=settings)
    due = cadence(
        found.facts,
        settings,
        today=today,
        done=done,
        live_since=found.live_since,
        until=today + WEEK * weeks,
    )
    facts = found.facts
    load = WorkloadFacts(
        facts.account_ids,
        found.owner,
        settled(states(facts), settings.improve_refreshes)[:, -1].tolist(),
        facts.touch_model,
        facts.arr,
        found.days_to_opt_out,
    )
    each = Capacities(settings.workload.hours_per_week, hours or {}, extra or {})
    return workload(load, settings, due.duties, weeks=weeks, capacities=each)


def _span(settings: PlaySettings) -> int:
    """Days of history that the clocks of the settings look back on."""
    longest = [duty.of_days or duty.after_days or 0 for row in settings.rows for duty in row.duties]
    return max([*longest, WEEK * LEAST_WEEKS]) + WEEK * 4


def _history(weeks: Sequence[PublishedWeek], tables: Sequence[pa.Table], live: int | None) -> CadenceHistory:
    last = weeks[-1].day
    ids = _accounts(weeks, tables, last)
    shape = (len(ids), len(weeks))
    tier, computed = (np.full(shape, NONE, dtype=np.int8) for _ in range(2))
    notice, onboarding = (np.zeros(shape, dtype=bool) for _ in range(2))
    seen = np.full(len(ids), -1, dtype=np.int64)
    where: list[IntArray] = []
    for j, table in enumerate(tables):
        rows = rows_of(ids, table)
        where.append(rows)
        seen[rows >= 0] = j
        for name, into in (("tier", tier), ("computed_tier", computed)):
            codes = coded(table[name], list(TIER_CODES), list(TIER_CODES.values()), NONE)
            into[:, j] = taken(codes, rows, NONE)
        notice[:, j] = taken(flagged(table["notice_given"]), rows, False)
        onboarding[:, j] = taken(coded(table["lifecycle"], ["onboarding"], [1], 0), rows, 0)

    def newest(name: str) -> AnyArray:
        """A column of each account's last week."""
        out: AnyArray = np.full(len(ids), None, dtype=object)
        for j in np.unique(seen).tolist():
            values = texts(tables[j][name].to_pylist())
            mine = seen == j
            out[mine] = values[where[j][mine]]
        return out

    days = np.array([week.day for week in weeks], dtype=np.int64)
    gone = seen < len(weeks) - 1
    facts = CadenceFacts(
        days=days,
        versions=tuple(week.model for week in weeks),
        account_ids=texts(ids.to_pylist()),
        tier=tier,
        computed=computed,
        tier_since=known_since(newest("tier_since")),
        notice=notice,
        onboarding=onboarding,
        lost_on=np.where(gone, days[np.minimum(seen + 1, len(weeks) - 1)], np.nan),
        touch_model=newest("touch_model"),
        arr=known_since(newest("arr")),
        touched_on=known_since(newest("last_touch_day")),
    )
    return CadenceHistory(facts, newest("csm_email"), known_since(newest("opt_out_day")) - last, live)


def _accounts(weeks: Sequence[PublishedWeek], tables: Sequence[pa.Table], last: int) -> pa.Array:
    """Ids of the last week in its order, then those that were there within LOST_DAYS and are gone, by id."""
    now = tables[-1]["account_id"].combine_chunks()
    gone: set[str] = set()
    for week, table in zip(weeks, tables, strict=True):
        if week.day >= last - LOST_DAYS:
            ids = table["account_id"]
            gone |= set(ids.filter(pc.invert(pc.is_in(ids, value_set=now))).to_pylist())
    return pa.concat_arrays([now, pa.array(sorted(gone), now.type)])
