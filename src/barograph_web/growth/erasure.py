"""Erasing a contact of a customer from what people wrote here (X4): texts that name them are emptied, what happened
stays.

A goal whose texts named them goes into the lake anew without the name, and the versions of it that the lake has lose
title and name too. What was imported from elsewhere is for its source to remove.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from barograph_web.growth.evidence import owner_of
from barograph_web.growth.models import KEPT, Entry, Goal, HandOver
from barograph_web.ops.models import Erasure, RunKind
from barograph_web.ops.services import request_run
from barograph_web.portfolio.erasure import digest_of, mentions
from barograph_web.portfolio.queries_account import SEPARATOR

NAME = "goal"
"""The kind under which an erased goal is remembered (ops.models.Erasure)."""


def erase_contact(account_id: str, words: tuple[str, ...], now: datetime) -> dict[str, int]:
    """Take the person out of every text of the account and of its products; how many rows of what."""
    theirs = Q(account_id=account_id) | Q(account_id__startswith=f"{account_id}{SEPARATOR}")
    counts: dict[str, int] = {}
    goals: list[Goal] = []
    for model in KEPT:
        changed = 0
        for row in model._default_manager.filter(theirs):
            columns: dict[str, Any] = {
                name: "" for name in model.PERSONAL if mentions(str(getattr(row, name)), words)
            }
            if isinstance(row, HandOver) and mentions(str(row.package), words):
                columns["package"] = without(row.package, words)
            if columns:
                if isinstance(row, Goal):
                    columns["published"] = 0
                    goals.append(row)
                changed += model._default_manager.filter(pk=row.pk).update(**columns)
        counts[f"growth_{model.THING}"] = changed
    _out_of_the_lake(goals, now)
    entries = Entry.objects.filter(theirs, erased_at=None)
    told = [e.pk for e in entries if mentions(f"{e.words} {e.changes}", words)]
    counts["growth_entries"] = Entry.objects.filter(pk__in=told).update(words="", changes={}, erased_at=now)
    return counts


def _out_of_the_lake(goals: list[Goal], now: datetime) -> None:
    """Remember whose goals those are, and have the worker take the names out of the versions that the lake has."""
    if not goals:
        return
    for goal in goals:
        Erasure.objects.get_or_create(
            kind=NAME, account_id=owner_of(goal.account_id), digest=digest_of(goal.key), defaults={"at": now}
        )
    request_run(RunKind.GOALS, f"erased-{now:%Y%m%dT%H%M%S}-{goals[0].pk}", {"erase": True}, due_at=now)


def without(value: Any, words: tuple[str, ...]) -> Any:
    """A document without the texts that name the person."""
    if isinstance(value, dict):
        return {key: without(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [
            without(inner, words)
            for inner in value
            if not (isinstance(inner, str) and mentions(inner, words))
        ]
    return "" if isinstance(value, str) and mentions(value, words) else value
