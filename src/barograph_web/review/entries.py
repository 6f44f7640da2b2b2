"""One account of the review, ready for the template: what the numbers say beside what people decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from barograph.reports.render.account_view import AccountView, Duty, account_view
from barograph.reports.render.phrases import printable, short_date
from barograph_web.portfolio.models import Standing, Week
from barograph_web.portfolio.queries_list import people
from barograph_web.pulses.queries import Beside, beside
from barograph_web.review.models import Decision
from barograph_web.review.queries import Decided, decided
from barograph_web.ui.place import reporting_currency


@dataclass(frozen=True, slots=True)
class Entry:
    """An account of the week. view: the review's words. seen: number of the last decision of the week, taken back
    or not, "" for none: what a form sends back, so that nobody decides over somebody else unseen. owner_name:
    what to call whose account it is, "" for nobody's. place: on the attention list, from 1. beside: planned context and
    a pulse that differs from the numbers, None without either."""

    standing: Standing
    view: AccountView
    decided: Decided
    duties: tuple[Duty, ...]
    moved_points: float | None
    owner_name: str = ""
    place: int | None = None
    beside: Beside | None = None

    @property
    def account_id(self) -> str:
        return self.standing.account.account_id

    @property
    def decision(self) -> Decision | None:
        return self.decided.decision

    @property
    def plan(self) -> Decision | None:
        return self.decided.plan

    @property
    def seen(self) -> int | str:
        return self.decided.last.pk if self.decided.last is not None else ""


def entries_of(week: Week, rows: Sequence[int], labels: Mapping[str, str]) -> list[Entry]:
    """Entries of standings by their numbers, in that order. Six queries, however many there are."""
    found = {row.pk: row for row in _read(Standing.objects.filter(pk__in=rows))}
    return _entries(week, [found[pk] for pk in rows if pk in found], labels)


def entries(
    week: Week, standings: QuerySet[Standing], labels: Mapping[str, str], first: int = 0, at_most: int = 25
) -> list[Entry]:
    """Entries `first` to `first + at_most` of a list of standings. Six queries, however many there are."""
    return _entries(week, list(_read(standings)[first : first + at_most]), labels)


def _read(standings: QuerySet[Standing]) -> QuerySet[Standing]:
    return standings.select_related("account").defer("detail")


def _entries(week: Week, rows: Sequence[Standing], labels: Mapping[str, str]) -> list[Entry]:
    ids = [row.account.account_id for row in rows]
    known, said = decided(week, ids), beside(ids, week.as_of)
    names = people({row.account.csm_email for row in rows if row.account.csm_email})
    made = [
        entry(week, row, known[row.account.account_id], labels, names.get(row.account.csm_email or "", ""))
        for row in rows
    ]
    return [replace(one, beside=said.get(one.account_id)) for one in made]


def entry(
    week: Week, standing: Standing, about: Decided, labels: Mapping[str, str], owner_name: str = ""
) -> Entry:
    """One entry."""
    as_of = week.as_of.isoformat()
    view = account_view(
        printable(standing.review), as_of=as_of, currency=reporting_currency(), labels=labels,
    )  # fmt: skip
    change = standing.review.get("change") or {}
    known = change.get("from") is not None and change.get("to") is not None
    return Entry(
        standing=standing,
        view=view,
        decided=about,
        duties=tuple(_met(duty, about, week.as_of) for duty in view.duties),
        moved_points=change["to"] - change["from"] if known else None,
        owner_name=owner_name,
    )


def labels_of(week: Week) -> dict[str, str]:
    """The model's own labels of its tiers. `week.head` is read when it was deferred."""
    return {tier["tier"]: tier["label"] for tier in (week.head or {}).get("tiers", ())}


def undecided(found: Iterable[Entry]) -> int:
    """How many of some entries nobody has decided on this week."""
    return sum(1 for one in found if one.decision is None)


def _met(duty: Duty, about: Decided, as_of: date) -> Duty:
    """The service level asks for a plan: a next step with a day, decided here, is one."""
    plan = next((d for d in (about.decision, about.plan) if d is not None and d.due_on is not None), None)
    if duty.what != "plan" or plan is None or plan.due_on is None:
        return duty
    return replace(
        duty, words=f"made, due {short_date(plan.due_on.isoformat(), as_of.isoformat())}", state="done"
    )
