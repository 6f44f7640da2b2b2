"""Person-periods of a workspace: decisions that have no date of their own, asked every 28 days, to fit on.

Evergreen subscriptions are reported and validated on one observation a quarter, and fitted on one every 28 days: is
it cancelled within them (decisions 4). A lapse is fitted on one observation every 28 days too, but each asks the
rule's own question: silence does not build up from shorter silences, so there is no hazard to compound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from barograph.core.arrays import AnyArray, TextArray
from barograph.core.calendar import grid_day
from barograph.core.outcomes.periods import from_lapse
from barograph.core.outcomes.record import EVERGREEN, LAPSE, Notice, Outcomes
from barograph.definitions.model import OutcomeRules
from barograph.engines.duckdb.connection import connect
from barograph.lake import Lake
from barograph.lake.manifest import Manifest
from barograph.learning.person_periods import PERIOD_DAYS
from barograph.learning.splits import keep_share
from barograph.pipeline.observations_decisions import Lookout, Unit, entities, look_back, one_per_day
from barograph.pipeline.outcome_store import RawSource, workspace_outcomes

Design = Literal["decision", "evergreen", "lapse"]
MOST_PERIODS = 200_000
"""Person-periods that are enough to fit on; of more, whole accounts are drawn by a hash of their id."""


@dataclass(frozen=True, slots=True)
class PeriodOutcomes:
    """Outcomes to fit on and from when each is looked at. period: days within which the event falls, None for
    a lapse. notices: what a reader must know of how they were drawn."""

    outcomes: Outcomes
    ids: TextArray
    look: Lookout
    period: int | None
    notices: tuple[Notice, ...]


def design_of(outcomes: Outcomes) -> Design:
    """What kind of decisions these are: all evergreen, all lapses, else decisions with a date of their own."""
    sources = set(np.unique(outcomes.source).tolist())
    if sources == {EVERGREEN}:
        return "evergreen"
    return "lapse" if sources == {LAPSE} else "decision"


def mixed_notice(outcomes: Outcomes) -> tuple[Notice, ...]:
    """Says so when evergreen quarters and decisions with a date are learnt from together."""
    quarters = int((outcomes.source == EVERGREEN).sum())
    if not 0 < quarters < len(outcomes):
        return ()
    text = (
        f"{quarters} of {len(outcomes)} outcomes are quarters of evergreen contracts; they are learnt from together "
        "with the renewals, one observation a quarter."
    )
    return (Notice("evergreen_among_renewals", quarters, text),)


def person_periods(
    lake: Lake,
    manifest: Manifest,
    rules: OutcomeRules,
    *,
    day: int,
    zone: str,
    unit: Unit,
    reported: Outcomes,
    begin: int | None,
) -> PeriodOutcomes | None:
    """The rows to fit on for outcomes that were reported by period; None for decisions with a date.

    reported: the outcomes that are judged; no period ends after their last anchor or begins before `begin`, the
    first day that can be looked from (their first anchor by default).
    """
    design = design_of(reported)
    if design == "decision" or not len(reported):
        return None
    first = int(reported.anchor.min()) - PERIOD_DAYS if begin is None else begin
    if design == "evergreen":
        edges = np.arange(grid_day(day), first - 1, -PERIOD_DAYS)[::-1]
        found = workspace_outcomes(lake, manifest, rules, day, zone, edges=edges.tolist()).outcomes
        found = found.take(np.asarray(found.source == EVERGREEN))
    else:
        found = _lapses(lake, manifest, rules, day, zone)
    found = one_per_day(found, rules, unit)
    found = found.take(np.asarray(found.anchor <= reported.anchor.max()))
    look = look_back(found, (PERIOD_DAYS,))
    look = look.take(np.asarray(look.as_of >= first))
    if not len(look.as_of):
        return None
    ids = entities(found, unit)
    look, notices = _enough(look, found.account_ids)
    return PeriodOutcomes(found, ids, look, PERIOD_DAYS if design == "evergreen" else None, notices)


def _lapses(lake: Lake, manifest: Manifest, rules: OutcomeRules, day: int, zone: str) -> Outcomes:
    """The rule's question asked every 28 days: its periods laid back from `day`, from 28 days earlier, and so on."""
    rule = rules.lapse
    assert rule is not None  # noqa: S101 - a lapse was reported by this rule
    with connect() as connection:
        activity = RawSource(connection, lake, manifest, day, zone).activity(rule)
    assert activity is not None  # noqa: S101 - as above
    steps = range(0, rule.horizon_days, PERIOD_DAYS)
    return Outcomes.join([from_lapse(activity.account_ids, activity.days, rule, day - s) for s in steps])


def _enough(look: Lookout, accounts: TextArray) -> tuple[Lookout, tuple[Notice, ...]]:
    """All rows, or those of as many accounts as MOST_PERIODS rows need, drawn whole by a hash."""
    rows = len(look.as_of)
    if rows <= MOST_PERIODS:
        return look, ()
    kept: AnyArray = keep_share(accounts[look.decision], MOST_PERIODS / rows)
    text = (
        f"{int(kept.sum())} of {rows} person-periods are fitted on, those of accounts drawn by a hash of their id: "
        f"more than about {MOST_PERIODS} say nothing further. All outcomes are used to report and validate."
    )
    return look.take(kept), (Notice("sampled", int(kept.sum()), text),)
