"""Erasing a contact of a customer (X4): name, address and what was written about them go from the projected facts and
notes of their account; that there was a contact, a meeting or a ticket stays.

The raw tables keep what was imported. A digest of the contact's key is kept, and after each projection what it brought
in again is taken out again, until the source no longer has the person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from barograph.definitions.tables import TABLES
from barograph_web.ops.erasure import FOUND_AT_MOST, Kind, Subject
from barograph_web.ops.models import AuditEvent, Erasure
from barograph_web.ops.running import RunContext
from barograph_web.portfolio.models import Account, AccountFact, FactKind, Note

NAME = "contact"
ERASED = "Erased contact"
PERSONAL: dict[str, tuple[str, ...]] = {
    table.name: tuple(column.name for column in table.columns if column.personal) for table in TABLES.values()
}
"""Table -> its columns that hold personal data, by the data contract."""
SHORTEST = 4
"""A name shorter than this is not searched for inside texts: it would be found in other words."""
Elsewhere = Callable[[str, tuple[str, ...], datetime], dict[str, int]]
"""(account id, name and address in lower case, now) -> how many rows of what an app above took them out of."""
ELSEWHERE: list[Elsewhere] = []


def also_erases(function: Elsewhere) -> None:
    """Have an app take an erased contact out of its own texts; called in AppConfig.ready, the same twice is one."""
    if function not in ELSEWHERE:
        ELSEWHERE.append(function)


def find(query: str) -> list[Subject]:
    """Contacts by a part of name or address."""
    matching = Q(data__name__icontains=query) | Q(data__email__icontains=query)
    found = AccountFact.objects.filter(matching, kind=FactKind.CONTACT).exclude(data__name=ERASED)
    return [_subject(fact) for fact in found.order_by("account_id", "key")[:FOUND_AT_MOST]]


def get(key: str) -> Subject | None:
    """A contact by the number of its fact, unless erased."""
    fact = AccountFact.objects.filter(pk=int(key), kind=FactKind.CONTACT).first() if key.isdigit() else None
    return None if fact is None or fact.data.get("name") == ERASED else _subject(fact)


def erase(key: str, now: datetime) -> dict[str, int]:
    """Erase one contact, and remember to; how many rows of what were changed."""
    contact = AccountFact.objects.select_for_update().get(pk=int(key), kind=FactKind.CONTACT)
    Erasure.objects.get_or_create(
        kind=NAME, account_id=contact.account_id, digest=digest_of(contact.key), defaults={"at": now}
    )
    words = _words(contact)
    counts = {"facts": _take_out(contact, words)}
    notes = _mentioning(Note.objects.filter(account_id=contact.account_id, erased_at=None), "body", words)
    counts["notes"] = Note.objects.filter(pk__in=notes).update(body="", erased_at=now)
    about = AuditEvent.objects.filter(account_id=contact.account_id, details_removed_at=None)
    told = [e.pk for e in about.iterator() if mentions(f"{e.before} {e.after} {e.reason}", words)]
    counts["audit_events"] = AuditEvent.objects.filter(pk__in=told).without_details(now)
    for function in ELSEWHERE:
        counts |= function(contact.account_id, words, now)
    return counts


def erase_again(run: RunContext) -> None:
    """After a projection: take out what it brought in again of people who were erased."""
    if not Erasure.objects.filter(kind=NAME).exists():
        return
    with run.step("Erased contacts stay erased") as step:
        step.count(facts=sum(_take_out(contact, _words(contact)) for contact in _brought_back()))


def digest_of(key: str) -> str:
    """How an erased contact is remembered."""
    return hashlib.sha256(key.encode()).hexdigest()


def _brought_back() -> Iterable[AccountFact]:
    digests: dict[str, set[str]] = {}
    for account_id, digest in Erasure.objects.filter(kind=NAME).values_list("account_id", "digest"):
        digests.setdefault(account_id, set()).add(digest)
    for account_id, known in digests.items():
        for fact in AccountFact.objects.filter(account_id=account_id, kind=FactKind.CONTACT):
            if digest_of(fact.key) in known and fact.data.get("name") != ERASED:
                yield fact


def _take_out(contact: AccountFact, words: tuple[str, ...]) -> int:
    """Empty the personal columns of the contact, and of facts of the account that are by, with or about them."""
    changed = 0
    contact_id = contact.data.get("contact_id")
    for fact in AccountFact.objects.filter(account_id=contact.account_id):
        theirs = fact.pk == contact.pk or _is_with(fact.data, contact_id)
        data: dict[str, Any] = {}
        for name, value in fact.data.items():
            personal = name in PERSONAL.get(fact.kind, ())
            if not (personal and (theirs or mentions(str(value), words))):
                data[name] = _without(value, words)
        if fact.pk == contact.pk:
            data["name"] = ERASED
        if data != fact.data:
            # The digest stays: a projection that finds the same version leaves the fact as it is.
            changed += AccountFact.objects.filter(pk=fact.pk).update(data=data)
    return changed


def _is_with(data: dict[str, Any], contact_id: Any) -> bool:
    return contact_id is not None and contact_id in (data.get("contact_id"), data.get("author_id"))


def _without(value: Any, words: tuple[str, ...]) -> Any:
    """A list without the entries that are the person; any other value as it is."""
    if isinstance(value, list):
        return [item for item in value if str(item).lower() not in words]
    return value


def _mentioning(found: Any, column: str, words: tuple[str, ...]) -> list[int]:
    return [pk for pk, text in found.values_list("pk", column) if mentions(text, words)]


def mentions(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text names the person: one of the words is in it, unless it is too short to be told apart."""
    lower = text.lower()
    return any(len(word) >= SHORTEST and word in lower for word in words)


def _words(contact: AccountFact) -> tuple[str, ...]:
    """Name and address, in lower case."""
    found = (contact.data.get("name"), contact.data.get("email"))
    return tuple(str(word).strip().lower() for word in found if word and word != ERASED)


def _subject(fact: AccountFact) -> Subject:
    account = Account.objects.filter(account_id=fact.account_id).values_list("name", flat=True).first()
    address = fact.data.get("email") or "no address"
    return Subject(
        str(fact.pk), str(fact.data.get("name") or fact.key), f"{address}, {account or fact.account_id}"
    )


CONTACTS = Kind(
    NAME,
    "Contact of a customer",
    "Name, address and title go, and so do notes, subjects and comments that mention them or are theirs, from the "
    "account's page. Remove them where the data comes from too: the raw tables keep what was imported.",
    find,
    get,
    erase,
)
