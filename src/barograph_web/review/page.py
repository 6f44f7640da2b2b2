"""What the page of one week shows one person, put together from `queries`; agenda and export are made of it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.http import HttpRequest, QueryDict

from barograph.reports.heading import label_words
from barograph.reports.render.phrases import tier_words
from barograph.reports.render.portfolio_view import (
    AlarmView,
    MovementView,
    TierView,
    alarm_view,
)
from barograph_web.portfolio.models import Account, Standing, Week
from barograph_web.portfolio.weeks import newest_week, week_of
from barograph_web.review import queries
from barograph_web.review.entries import Entry, entries, entries_of, labels_of
from barograph_web.review.models import Decision
from barograph_web.review.moves import Move, movement_of, tiers_of
from barograph_web.review.queries import Decided, Group, Plan
from barograph_web.review.scopes import Scope, scope_of
from barograph_web.ui.place import reporting_currency
from barograph_web.users.models import User
from barograph_web.users.permissions import May, may

TITLES = {
    "attention": ("Needs attention", "No account has a reason to be on the list this week."),
    "worse": ("Went down", "No account went down a tier."),
    "score_lost": ("Lost their score", "No account lost its score."),
    "newly_healthy": ("Newly {healthy}", "No account rose to {healthy}."),
    "growth": ("Newly {growth}", "No account rose to {growth}."),
    "better": ("Up, not yet {healthy}", "No other account rose a tier."),
    "score_found": ("Have a score again", "No account got its score back."),
    "moved_by_model": ("Moved by a new model", "No account changed its tier because of a new model."),
    "new": ("New accounts", "No account is new this week."),
}
ALWAYS = ("attention", "worse", "newly_healthy", "growth")


@dataclass(frozen=True, slots=True)
class Chip:
    """One count of the summary line; it filters the list below. words: what follows the number."""

    key: str
    words: str
    count: int
    arr: float | None
    here: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about the data. mine: how many of the accounts looked at it is about, "" where that says nothing;
    view: the page that has more, "" where there is none."""

    text: str
    mine: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A decision of an earlier week with its account."""

    decision: Decision
    account: Account | None

    @property
    def name(self) -> str:
        return self.account.name if self.account is not None else self.decision.account_id


@dataclass
class ReviewPage:
    """One week for one person. Everything is read when it is first asked for."""

    user: User
    week: Week
    scope: Scope
    show: str
    today: date

    @cached_property
    def labels(self) -> dict[str, str]:
        return labels_of(self.week)

    @cached_property
    def plan(self) -> Plan:
        return queries.plan_of(self.week)

    @cached_property
    def groups(self) -> dict[str, Group]:
        return queries.groups(self.week, self.scope.accounts)

    @cached_property
    def with_reason(self) -> int:
        """How many the attention list would hold without an end."""
        return queries.with_reason(self.week, self.scope.accounts, self.plan)

    @property
    def total(self) -> int:
        """Accounts in the list that is shown."""
        return self.with_reason if self.show == "attention" else self.groups[self.show].count

    def entries(self, first: int = 0) -> list[Entry]:
        """Entries of the shown list from `first` on: the attention list in its own length first, then page by page."""
        if self.show != "attention":
            rows = queries.moved(self.week, self.scope.accounts, self.show)
            return entries(self.week, rows, self.labels, first, queries.PAGE)
        found = self.attention if first == 0 else self._attention(first, queries.PAGE)
        return [replace(one, place=first + k) for k, one in enumerate(found, start=1)]

    @cached_property
    def attention(self) -> list[Entry]:
        """The attention list in its own length."""
        return entries_of(self.week, self._rows, self.labels)

    def _attention(self, first: int, at_most: int) -> list[Entry]:
        rows = queries.attention_rows(self.week, self.scope.accounts, self.plan, self.today, first, at_most)
        return entries_of(self.week, rows, self.labels)

    @cached_property
    def _rows(self) -> list[int]:
        return queries.attention_rows(
            self.week, self.scope.accounts, self.plan, self.today, 0, self.plan.at_most
        )

    @cached_property
    def listed(self) -> list[tuple[str, float | None]]:
        """(account id, revenue) of the attention list in its own length."""
        found = Standing.objects.filter(pk__in=self._rows).values_list("pk", "account__account_id", "arr")
        rows = {pk: (account_id, arr) for pk, account_id, arr in found}
        return [rows[pk] for pk in self._rows if pk in rows]

    @cached_property
    def progress(self) -> tuple[int, int]:
        """(decided, listed) of the attention list in its own length."""
        known = queries.decided(self.week, [account_id for account_id, _ in self.listed])
        return sum(1 for one in known.values() if one.decision is not None), len(known)

    @property
    def chips(self) -> list[Chip]:
        """The summary line: the usual four, and what else happened."""
        found = []
        for key in TITLES:
            words = self.title(key)
            if key != "attention":
                count, arr = self.groups[key].count, self.groups[key].arr
            else:
                revenues = [arr for _, arr in self.listed if arr is not None]
                count, arr = len(self.listed), sum(revenues) if revenues else None
                words = "needs attention" if count == 1 else "need attention"
            if key in ALWAYS or count:
                found.append(Chip(key, words, count, arr, key == self.show))
        return found

    def title(self, key: str) -> str:
        return TITLES[key][0].format(**self._tier_words)

    @property
    def heading(self) -> str:
        """What is above the list."""
        return self.title(self.show)

    @property
    def empty_words(self) -> str:
        return TITLES[self.show][1].format(**self._tier_words)

    @property
    def _tier_words(self) -> Mapping[str, str]:
        return {name: tier_words(name, self.labels) for name in ("healthy", "growth")}

    @cached_property
    def due(self) -> list[Told]:
        """Next steps of earlier weeks that are due."""
        return self.told(list(queries.due(self.scope.accounts, self.week, self.today)[:50]))

    @cached_property
    def disagreements(self) -> list[Told]:
        """Verdicts against the numbers that wait for a leader; none for those who cannot settle them."""
        if not may(self.user, May.CLOSE_REVIEW):
            return []
        return self.told(list(queries.disagreements(self.scope.accounts, self.week)[:50]))

    def told(self, found: list[Decision]) -> list[Told]:
        names = queries.names_of(d.account_id for d in found) if found else {}
        return [Told(d, names.get(d.account_id)) for d in found]

    @property
    def warnings(self) -> list[str]:
        """What to know about the data first; it concerns every feed, whoever looks."""
        return [warning["text"] for warning in self.week.head.get("warnings") or ()]

    @cached_property
    def notices(self) -> list[Notice]:
        """The warnings for somebody who looks at some of the accounts: how many of theirs it is about."""
        return [self._notice(warning) for warning in self.week.head.get("warnings") or ()]

    def _notice(self, warning: Mapping[str, object]) -> Notice:
        kind, text = warning.get("kind"), str(warning["text"])
        if kind == "quarantine":
            return Notice(text.removesuffix(" `barograph status` says why."), view="ingest:quarantine")
        if self.scope.whole or not warning.get("accounts"):
            return Notice(text)
        rows = queries.standings_of(self.week, self.scope.accounts)
        count = (rows.filter(score=None) if kind == "insufficient" else rows).count()
        whose = self.scope.words
        whose = f"my{whose[2:]}" if self.scope.name == "mine" else whose
        return Notice(text, f"{count:,} of {whose}" if count else f"None of {whose}")

    @property
    def alarm(self) -> AlarmView | None:
        """The structural alarm when it is raised, for those who look at the whole portfolio."""
        told = alarm_view(self.week.head.get("structural_alarm"), reporting_currency())
        return told if self.scope.whole and told is not None and told.raised else None

    @cached_property
    def _moves(self) -> list[Move]:
        return queries.tiers_and_movement(self.week, self.scope.accounts)

    @property
    def tiers(self) -> tuple[TierView, ...]:
        """Tiers of the scope by count and revenue, lowest first."""
        return tiers_of(self._moves, self.labels, compared=self.has_before)

    @property
    def movement(self) -> MovementView | None:
        """Movement between tiers of the scope since the week before; accounts that left are not in it."""
        return movement_of(self._moves, self.labels) if self.has_before else None

    @property
    def has_before(self) -> bool:
        return self.week.head.get("previous_as_of") is not None

    @property
    def label(self) -> tuple[str, str]:
        """("HEURISTIC", what that means): said wherever a score is (L3)."""
        name, _, words = label_words(self.week.label, self.week.outcomes or 0).partition(": ")
        return name, words

    @property
    def left_out(self) -> str:
        """How many have a reason to be on the attention list and rank lower."""
        more = self.with_reason - self.plan.at_most
        return f"{more:,}" if more > 0 else ""

    @property
    def query(self) -> str:
        """The part of an address that leads back to this page."""
        parts = QueryDict(self.scope.query, mutable=True)
        if self.show != "attention":
            parts["show"] = self.show
        parts["week"] = self.week.as_of.isoformat()
        return parts.urlencode()

    def one(self, account: Account) -> Entry | None:
        """The entry of one account, on whichever list it is; None when the week has no standing of it."""
        found = Standing.objects.filter(week=self.week, account=account)
        one = next(iter(entries(self.week, found, self.labels, 0, 1)), None)
        if one is None or self.show != "attention":
            return one
        places = [account_id for account_id, _ in self.listed]
        return replace(one, place=places.index(one.account_id) + 1 if one.account_id in places else None)

    def about(self, account: Account) -> Decided:
        """What was decided about one account."""
        return queries.decided(self.week, [account.account_id])[account.account_id]


def page_of(request: HttpRequest, user: User, today: date) -> ReviewPage | None:
    """The page that an address asks for: week, scope, segment, owner, show. None when that week is not kept, or no
    week was published yet. A `show` that does not exist is the attention list."""
    chosen = request.GET.get("week", "")
    week = _asked(chosen) if chosen else newest_week()
    if week is None:
        return None
    show = request.GET.get("show", "")
    return ReviewPage(
        user, week, scope_of(user, today, request.GET), show if show in TITLES else "attention", today
    )


def _asked(text: str) -> Week | None:
    try:
        return week_of(date.fromisoformat(text))
    except ValueError:
        return None
