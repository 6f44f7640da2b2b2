"""Whether a play did what it was for, at its check: by what was published, logged and decided since it opened.

Nothing is judged from memory: tier and signals are those of the published weeks, touches those that were logged. What
only a person can say becomes a task that asks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from barograph.core.caps import passes
from barograph.definitions.base import SignalTest
from barograph.definitions.play import ComponentTest, Success
from barograph.definitions.play_match import components_meant
from barograph_web.plays.levels import model_of
from barograph_web.plays.models import PlayRun, RunState, Task, Touch
from barograph_web.plays.services_runs import MOST_URGENT, close_run
from barograph_web.plays.services_tasks import CHECK, add_task
from barograph_web.plays.working import day_of
from barograph_web.portfolio.models import AccountFact, AccountWeek, FactKind, Standing, Week

ORDER = {"at_risk": 0, "watch": 1, "healthy": 2, "growth": 3}
"""Tiers by health; insufficient data is not among them: what is unknown is not met."""


@dataclass(frozen=True, slots=True)
class Checked:
    """met: None when a person has yet to say so. words: what was looked at, and what it was."""

    met: bool | None
    words: str


def check_due(today: date, now: datetime) -> dict[str, int]:
    """Close the runs whose check has come, and those that got there earlier with nothing left to do; how many."""
    counts = {"succeeded": 0, "failed": 0, "asked": 0}
    going = PlayRun.objects.filter(state=RunState.OPEN).exclude(check_on=None)
    for run in going.order_by("pk").iterator():
        due = run.check_on is not None and run.check_on <= today
        if not due and (run.tasks.unfinished().exists() or not run.tasks.exists()):
            continue
        found = checked(run)
        if found.met is None and due:
            counts["asked"] += _ask(run, today, now)
        elif found.met:
            close_run(run, RunState.SUCCEEDED, why=found.words, by=None, now=now)
            counts["succeeded"] += 1
        elif found.met is False and due:
            close_run(run, RunState.FAILED, why=found.words, by=None, now=now)
            counts["failed"] += 1
    return counts


def checked(run: PlayRun) -> Checked:
    """What the conditions of a run's play say by the newest week; all that is given must hold."""
    wanted = run.definition.get("success")
    if not wanted:
        return Checked(None, "Nothing is to be checked.")
    success = Success.model_validate(wanted)
    parts = [*_tier(run, success), *_values(run, success), *_outcome(run, success), *_touched(run, success)]
    words = "; ".join(text for _, text in parts)
    if not all(met for met, _ in parts):
        return Checked(False, f"Not met: {words}.")
    if success.person_says.strip():
        return Checked(None, f"{words}; {success.person_says}" if words else success.person_says)
    return Checked(True, f"Met: {words}.")


def _tier(run: PlayRun, success: Success) -> list[tuple[bool, str]]:
    if success.tier_at_least is None:
        return []
    weeks = AccountWeek.objects.filter(account__account_id=run.account_id, week__is_shown=True)
    opened = run.week or day_of(run.opened_at)
    last = list(
        weeks.filter(week__as_of__gt=opened)
        .order_by("-week__as_of")
        .values_list("tier", flat=True)[: success.held_weeks]
    )
    line = ORDER[success.tier_at_least]
    met = len(last) == success.held_weeks and all(ORDER.get(tier, -1) >= line for tier in last)
    now_in = last[0].replace("_", " ") if last else "no score since"
    wanted = success.tier_at_least.replace("_", " ")
    return [(met, f"{wanted} or better for {success.held_weeks} weeks (now {now_in})")]


def _values(run: PlayRun, success: Success) -> list[tuple[bool, str]]:
    if not success.components and not success.signals:
        return []
    standing = (
        Standing.objects.filter(week__is_shown=True, account__account_id=run.account_id)
        .order_by("-week__as_of")
        .only("detail", "week__model_version")
        .select_related("week")
        .first()
    )
    if standing is None:
        return [(False, "the account is not scored any more")]
    components = {one["name"]: one for one in standing.detail.get("components", ())}
    parts = [_component(test, components, standing.week) for test in success.components]
    signals = {one["name"]: one.get("value") for c in components.values() for one in c.get("signals", ())}
    return parts + [_signal(test, signals) for test in success.signals]


def _component(test: ComponentTest, components: Mapping[str, Any], week: Week) -> tuple[bool, str]:
    """By name, or every component of the category in the model of the week."""
    names = [test.component] if test.component is not None else _of_category(str(test.category), week)
    scores = [components[name]["score"] for name in names if name in components]
    met = bool(scores) and all(score is not None and score >= test.at_least for score in scores)
    told = ", ".join("unknown" if score is None else f"{score:.0f}" for score in scores) or "not in the model"
    return met, f"{test.component or test.category} at {test.at_least:g} or more (now {told})"


def _of_category(category: str, week: Week) -> list[str]:
    return list(components_meant((), (category,), model_of(week.model_version)))


def _signal(test: SignalTest, values: Mapping[str, Any]) -> tuple[bool, str]:
    value = values.get(test.signal)
    met = bool(passes(test, np.array([np.nan if value is None else float(value)]))[0])
    told = "unknown" if value is None else f"{float(value):g}"
    return met, f"{test.sentence()} (now {told})"


def _outcome(run: PlayRun, success: Success) -> list[tuple[bool, str]]:
    if not success.outcome:
        return []
    facts = AccountFact.objects.filter(
        account_id=run.account_id, kind=FactKind.OUTCOME, on__gte=day_of(run.opened_at)
    )
    found = [str(fact.data.get("outcome") or "") for fact in facts]
    met = any(one in success.outcome for one in found)
    return [(met, f"{' or '.join(success.outcome)} (so far {', '.join(found) or 'undecided'})")]


def _touched(run: PlayRun, success: Success) -> list[tuple[bool, str]]:
    if not success.touched:
        return []
    met = Touch.objects.filter(account_id=run.account_id, at__gte=run.opened_at).exists()
    return [(met, "a customer touch was logged" if met else "no customer touch was logged")]


def _ask(run: PlayRun, today: date, now: datetime) -> int:
    """The question becomes a task of who had the last step; whether it is new."""
    key = f"check/{run.key}"
    if Task.objects.filter(source_key=key).exists():
        return 0
    question = (run.definition.get("success") or {}).get("person_says", "")
    last = run.tasks.exclude(owner=None).order_by("-position").select_related("owner").first()
    add_task(
        run.account_id, title=f"{run.title}: did it work?"[:300],
        detail=f"{question}\n\nDone means yes. Drop it, with the reason, if it did not work.",
        owner=last.owner if last else None, due_on=today, source=CHECK, source_key=key, play_run=run,
        routed=last.routed if last else "", priority=MOST_URGENT - run.priority, now=now,
    )  # fmt: skip
    return 1
