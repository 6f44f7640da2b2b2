"""Erasing what somebody wrote with a pulse, a ruling, planned context or a verdict (X4): the words go, the rest stays.

Answers, instants and tiers are about an account; the free text beside them may name people. Text that was published is
taken out of the raw table by a run (lake_erasure.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from barograph_web.ops.erasure import FOUND_AT_MOST, SHORTEST_NAME, Kind, Subject
from barograph_web.ops.models import AuditEvent, Erasure, RunKind
from barograph_web.ops.names_in_texts import Words
from barograph_web.ops.running import RunContext
from barograph_web.ops.services import request_run
from barograph_web.portfolio.erasure import ERASED, SHORTEST, digest_of
from barograph_web.portfolio.models import Account, AccountFact, FactKind
from barograph_web.portfolio.queries_account import SEPARATOR
from barograph_web.pulses.models import HypothesisVerdict, PlannedContext, Pulse, Ruling
from barograph_web.pulses.queries import raw_key
from barograph_web.pulses.state import facts_of
from barograph_web.users.models import User

NAME = "pulse"
"""The kind under which an erased pulse is remembered (ops.models.Erasure): the digest of its key in the raw table."""
TEXTS: dict[str, tuple[type[models.Model], str, str]] = {
    "pulse": (Pulse, "reason", "given_at"),
    "ruling": (Ruling, "reason", "at"),
    "context": (PlannedContext, "words", "at"),
    "verdict": (HypothesisVerdict, "words", "at"),
}
"""Prefix of a subject's key -> its rows, the column with free text, and when it was written."""
FACT = "imported"


def find(query: str) -> list[Subject]:
    """Texts that hold these words, newest first of each kind."""
    found: list[Subject] = []
    for prefix, (model, column, at) in TEXTS.items():
        rows = model._default_manager.filter(**{f"{column}__icontains": query}).order_by(f"-{at}")
        found += [_subject(prefix, row) for row in rows[:FOUND_AT_MOST]]
    facts = AccountFact.objects.filter(kind=FactKind.PULSE, data__reason__icontains=query).order_by(
        "-on", "pk"
    )
    found += [_fact_subject(fact) for fact in facts[:FOUND_AT_MOST]]
    return found[:FOUND_AT_MOST]


def get(key: str) -> Subject | None:
    """One text that can be erased, unless it was."""
    prefix, _, number = key.partition("-")
    if not number.isdigit():
        return None
    if prefix == FACT:
        fact = AccountFact.objects.filter(pk=int(number), kind=FactKind.PULSE).first()
        return _fact_subject(fact) if fact is not None and fact.data.get("reason") else None
    if prefix not in TEXTS:
        return None
    row = TEXTS[prefix][0]._default_manager.filter(pk=int(number), erased_at=None).first()
    return None if row is None else _subject(prefix, row)


def erase(key: str, now: datetime) -> dict[str, int]:
    """Erase one text, here and, for a pulse, from what is published; how many rows of what were changed."""
    prefix, _, number = key.partition("-")
    if prefix == FACT:
        fact = AccountFact.objects.select_for_update().get(pk=int(number), kind=FactKind.PULSE)
        counts = {"facts": _without_reason(fact), "audit_events": 0}
        _remember(fact.account_id, fact.key, now)
        return counts
    model, column, _at = TEXTS[prefix]
    row: Any = model._default_manager.select_for_update().get(pk=int(number))
    about = AuditEvent.objects.filter(
        object_type=model._meta.label_lower, object_id=str(row.pk), details_removed_at=None
    )
    counts = {
        "texts": model._default_manager.filter(pk=row.pk).update(**{column: "", "erased_at": now}),
        "audit_events": about.without_details(now),
    }
    if isinstance(row, Pulse):
        key_there = raw_key(row.account_id, row.given_at)
        _remember(facts_of(row.account_id), key_there, now)
        same = AccountFact.objects.filter(
            account_id=facts_of(row.account_id), kind=FactKind.PULSE, key=key_there
        )
        counts["facts"] = sum(_without_reason(fact) for fact in same)
    return counts


def take_user_out(user: User, former: str) -> dict[str, int]:
    """A user of the application who is erased, as they were: out of what others wrote; how many rows were changed."""
    words = Words((f"{user.name} <{user.email}>", user.email, user.name), former, SHORTEST_NAME)
    return {"pulses_and_verdicts": _replace(None, words, timezone.now())}


def take_contact_out(account_id: str, names: tuple[str, ...], now: datetime) -> dict[str, int]:
    """A contact of an account who is erased, by name and address: out of what was written about the account."""
    return {"pulses_and_verdicts": _replace(account_id, Words(names, ERASED, SHORTEST), now)}


def _replace(account_id: str | None, words: Words, now: datetime) -> int:
    """Put the replacement into texts and evidence; the raw table loses the text of such a pulse altogether."""
    changed = 0
    for model, column, _at in TEXTS.values():
        rows = model._default_manager.all()
        if account_id is not None:
            rows = rows.filter(
                Q(account_id=account_id) | Q(account_id__startswith=f"{account_id}{SEPARATOR}")
            )
        columns = [name for name in (column, "evidence") if any(f.name == name for f in model._meta.fields)]
        for row in rows.iterator():
            kept: Any = row
            found = {name: words.within(getattr(kept, name)) for name in columns}
            if all(found[name] == getattr(kept, name) for name in columns):
                continue
            changed += model._default_manager.filter(pk=kept.pk).update(**found)
            if isinstance(kept, Pulse) and found[column] != kept.reason:
                _remember(facts_of(kept.account_id), raw_key(kept.account_id, kept.given_at), now)
    return changed


def erase_again(run: RunContext) -> None:
    """After a projection: what it brought in again of texts that were erased goes again."""
    erased = set(Erasure.objects.filter(kind=NAME).values_list("digest", flat=True))
    if not erased:
        return
    accounts = Erasure.objects.filter(kind=NAME).values_list("account_id", flat=True)
    with run.step("Erased texts of pulses stay erased") as step:
        facts = AccountFact.objects.filter(kind=FactKind.PULSE, account_id__in=list(accounts))
        step.count(facts=sum(_without_reason(fact) for fact in facts if digest_of(fact.key) in erased))


def _remember(account_id: str, key: str, now: datetime) -> None:
    digest = digest_of(key)
    Erasure.objects.get_or_create(kind=NAME, account_id=account_id, digest=digest, defaults={"at": now})
    request_run(RunKind.PULSES, f"erase-{digest[:40]}", {"erase": True}, due_at=now)


def _without_reason(fact: AccountFact) -> int:
    if "reason" not in fact.data:
        return 0
    data = {name: value for name, value in fact.data.items() if name != "reason"}
    # The digest stays: a projection that finds the same version leaves the fact as it is.
    return AccountFact.objects.filter(pk=fact.pk).update(data=data)


def _subject(prefix: str, row: Any) -> Subject:
    _, column, at = TEXTS[prefix]
    by = getattr(row, "author_label", None) or getattr(row, "by_label", "")
    day = getattr(row, at)
    return Subject(
        f"{prefix}-{row.pk}",
        f"{prefix.capitalize()} of {_name(row.account_id)}",
        f"{by}, {day:%Y-%m-%d}: {_short(getattr(row, column))}",
    )


def _fact_subject(fact: AccountFact) -> Subject:
    told = f"{fact.data.get('author_email') or 'unknown author'}, {fact.on}: {_short(fact.data.get('reason', ''))}"
    return Subject(f"{FACT}-{fact.pk}", f"Imported pulse of {_name(fact.account_id)}", told)


def _name(account_id: str) -> str:
    return Account.objects.filter(account_id=account_id).values_list("name", flat=True).first() or account_id


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:120]}…"


TEXT_KIND = Kind(
    NAME,
    "Words beside a pulse, a ruling, planned context or a verdict",
    "The words go, here and from the workspace's raw table; that it was said, by whom, the answers and the tiers stay.",
    find,
    get,
    erase,
)
