"""Writes of asks and consents (P8). Nobody with an open severe issue is asked, and nobody too often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from barograph_web.growth import advocacy, telling
from barograph_web.growth.history import RefusedError, advance, begin
from barograph_web.growth.models import Ask, Consent, Favour
from barograph_web.growth.readiness import Evidence
from barograph_web.growth.rules import GrowthRules
from barograph_web.portfolio.models import Account
from barograph_web.users.models import User


def ask(
    account: Account,
    *,
    kind: str,
    person: str,
    what: str,
    evidence: Evidence,
    imported: Iterable[advocacy.Asked],
    rules: GrowthRules,
    by: User,
    now: datetime,
    today: date,
) -> Ask:
    """Ask a customer for a favour. evidence, imported: what is known of the account and its imported asks.

    The rule is looked at inside the transaction, on asks of this very moment. Raises RefusedError with the
    condition that does not hold, OvertakenError when somebody asked in the same instant.
    """
    if kind not in Favour.values:
        raise RefusedError("kind", "Choose what they are asked for.")
    if not person.strip():
        raise RefusedError("person", "Say who is asked.")
    if not what.strip():
        raise RefusedError("what", "Say what exactly they are asked for.")
    with transaction.atomic():
        # One row of the account is locked, so that two asks in the same instant do not both find room.
        Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
        history = [*imported, *asked_of(account.account_id)]
        wrong = [c for c in advocacy.may_ask(evidence, history, rules, today) if c.holds is not True]
        if wrong:
            raise RefusedError(
                "", f"They cannot be asked now. {wrong[0].label} does not hold: {wrong[0].words}."
            )
        row = Ask(
            account_id=account.account_id, kind=kind, person=person.strip(), what=what.strip(), asked_on=today
        )
        return begin(row, by=by, now=now)


def agree(
    row: Ask, *, consent: Consent | None, seen: int, words: str, by: User, now: datetime, today: date
) -> Ask:
    """They said yes. consent: what was agreed to be used, kept before. Raises RefusedError when it does not
    cover it."""
    if consent is None:
        raise RefusedError("consent", "Keep first what they agree to be used for, and choose it here.")
    if consent.account_id != row.account_id:
        raise RefusedError("consent", "That consent is another account's.")
    if (missing := does_not_cover(consent, row.kind, today)) is not None:
        raise RefusedError("consent", missing)
    with transaction.atomic():
        changes = {"answered_on": today, "consent": consent}
        done = advance(row, "agree", seen=seen, by=by, now=now, changes=changes, words=words)
        telling.ask_agreed(done, by=by, now=now)
    return done


def refuse(row: Ask, *, seen: int, words: str, by: User, now: datetime, today: date) -> Ask:
    """They said no: nothing is asked of them for a while. Raises RefusedError without a sentence on why."""
    if not words.strip():
        raise RefusedError("words", "Say in a sentence why, or that no reason was given.")
    return advance(row, "refuse", seen=seen, by=by, now=now, changes={"answered_on": today}, words=words)


def end(row: Ask, move: str, *, seen: int, words: str, by: User, now: datetime, today: date) -> Ask:
    """It is `done`, `fall_through` or `withdraw`. Raises RefusedError without words, or when the consent it
    stands on was taken back or ran out."""
    if move not in ("done", "fall_through", "withdraw"):
        raise RefusedError("", "Choose what became of it.")
    if not words.strip():
        raise RefusedError("words", "Say what came of it.")
    if move == "done" and row.consent is not None:
        missing = does_not_cover(row.consent, row.kind, today)
        if missing is not None:
            raise RefusedError("", missing)
    with transaction.atomic():
        done = advance(row, move, seen=seen, by=by, now=now, changes={"ended_on": today}, words=words)
        telling.ask_ended(done, by=by, now=now)
    return done


def keep_consent(
    account: Account,
    *,
    person: str,
    covers: Sequence[str],
    how: str,
    given_on: date,
    until: date | None,
    by: User,
    now: datetime,
    today: date,
) -> Consent:
    """Keep what somebody agreed to. Raises RefusedError for what is left out or a day that cannot be."""
    if not person.strip():
        raise RefusedError("person", "Say who agreed.")
    if not covers or set(covers) - set(Favour.values):
        raise RefusedError("covers", "Choose what they agreed to.")
    if not how.strip():
        raise RefusedError("how", "Say how they agreed, and where that is kept.")
    if given_on > today:
        raise RefusedError("given_on", "That day is to come.")
    if until is not None and until < given_on:
        raise RefusedError("until", "This is before it was given.")
    row = Consent(
        account_id=account.account_id, person=person.strip(), covers=sorted(covers), how=how.strip(),
        given_on=given_on, until=until,
    )  # fmt: skip
    return begin(row, by=by, now=now)


def withdraw_consent(row: Consent, *, seen: int, words: str, by: User, now: datetime) -> Consent:
    """They took it back. Raises RefusedError without a word on how."""
    if not words.strip():
        raise RefusedError("words", "Say how they took it back.")
    return advance(row, "withdraw", seen=seen, by=by, now=now, words=words)


def does_not_cover(consent: Consent, kind: str, today: date) -> str | None:
    """Why a consent does not do for a favour; None when it does."""
    if consent.state != "standing":
        return "That consent was taken back."
    if consent.until is not None and consent.until < today:
        return f"That consent ran out on {consent.until.isoformat()}."
    if kind not in consent.covers:
        return f"That consent does not cover a {Favour(kind).label.lower()}."
    return None


def asked_of(account_id: str) -> list[advocacy.Asked]:
    """The asks of an account that were made here."""
    rows = Ask.objects.filter(account_id=account_id)
    return [advocacy.Asked(row.asked_on, row.state, row.answered_on) for row in rows]
