"""What is worked out after published weeks were brought in: readiness, candidates, proposed plans, patterns.

A step of the worker's runs. All of it can be made again at any time and gives the same; plans are proposed
once for each contract. Rules may have changed meanwhile: the rows say which they were worked out with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from barograph_web.growth import precedents_data
from barograph_web.growth.evidence import offered, owner_of
from barograph_web.growth.judging import BATCH, judge_accounts
from barograph_web.growth.models import Candidate, Entry, Finding, Readiness
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.services_plans import propose
from barograph_web.growth.services_rules import in_force
from barograph_web.ops.running import RunContext
from barograph_web.ops.workspace import today as present_day
from barograph_web.portfolio.models import Account, AccountFact, FactKind, Week
from barograph_web.portfolio.weeks import last_projection, newest_week
from barograph_web.ui.formats import day as day_of
from barograph_web.users.models import User

FRESH = 21
"""Days since the contract began within which a proposed plan comes with a task: history that is brought in, or an
application that goes live, proposes plans and gives nobody anything to do by itself (P9)."""
PATTERNS = "escalation-patterns"


def after_projection(run: RunContext) -> None:
    """Called after the projection, in a refresh and alone."""
    week = newest_week()
    if week is None:
        return
    number, rules = in_force()
    today = present_day()
    with run.step("Who is ready, and who can be asked") as step:
        products = offered()
        for done, accounts in _batches():
            judge_accounts(accounts, week, number, rules, today, products)
            step.count(accounts=done)
            run.heartbeat()
        step.count(ready=Readiness.objects.filter(holds=True).count())
        step.count(candidates=Candidate.objects.filter(holds=True).count())
    with run.step("Success plans of new customers") as step:
        step.count(proposed=propose_plans(rules, today, run.now))
    with run.step("What preceded escalations") as step:
        step.count(patterns=find_patterns(week, number, rules, run.now))


def propose_plans(rules: GrowthRules, today: date, now: datetime) -> int:
    """A plan for every account whose first contract began within the rules' days; how many were proposed."""
    since = today - timedelta(days=rules.plan_days)
    firsts: dict[str, tuple[date, str]] = {}
    rows = AccountFact.objects.filter(kind=FactKind.CONTRACT)
    for account_id, data in rows.values_list("account_id", "data").iterator():
        begins = day_of(data.get("start_date"))
        if begins is not None and (account_id not in firsts or begins < firsts[account_id][0]):
            firsts[account_id] = (begins, str(data.get("contract_id") or begins))
    new = {account: first for account, first in firsts.items() if since <= first[0] <= today}
    people = {user.email: user for user in User.objects.filter(is_active=True)}
    proposed = 0
    for account in Account.objects.filter(is_current=True).order_by("account_id"):
        first = new.get(owner_of(account.account_id))
        if first is not None:
            key = f"{account.account_id}:{first[1]}"[:450]
            owner = people.get((account.csm_email or "").lower())
            fresh = (today - first[0]).days <= FRESH
            made = propose(account, source_key=key, begins_on=first[0], now=now, owner=owner, with_task=fresh)
            proposed += made is not None
    return proposed


def find_patterns(week: Week, number: int, rules: GrowthRules, now: datetime) -> int:
    """Make the document of patterns, unless nothing that it is made of changed; how many patterns it has."""
    source = _source(week, number)
    kept = Finding.objects.filter(name=PATTERNS).first()
    if kept is not None and kept.source == source:
        return len(kept.document["patterns"])
    document = precedents_data.document(rules, week.as_of)
    Finding.objects.update_or_create(
        name=PATTERNS, defaults={"source": source, "at": now, "document": document}
    )
    return len(document["patterns"])


def _batches() -> Iterator[tuple[int, list[Account]]]:
    """Current accounts, so many at a time; rows of others go."""
    for model in (Readiness, Candidate):
        model.objects.filter(account__is_current=False).delete()
    done, last = 0, 0
    while accounts := list(Account.objects.filter(is_current=True, pk__gt=last).order_by("pk")[:BATCH]):
        done, last = done + len(accounts), accounts[-1].pk
        yield done, accounts


def _source(week: Week, number: int) -> str:
    projection = last_projection()
    newest = Entry.objects.filter(thing="escalation").aggregate(last=Max("pk"))["last"]
    parts: Mapping[str, Any] = {
        "week": week.pk, "facts": projection.facts_from if projection else "", "entry": newest, "rules": number,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
