"""Who gets a step: by the play's rule, with the stand-in of whoever is away, and a lead where there is nobody.

The same state gives the same person: a pool in turn gives to whoever was given something longest ago, a pool by load to
whoever has the fewest unfinished tasks, then the shorter turn, then the smaller number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from barograph.definitions.play import OwnerRule
from barograph_web.plays.models import Pool, PoolMember, TaskState
from barograph_web.plays.people import CANNOT_WORK
from barograph_web.portfolio.models import Account
from barograph_web.users.models import Role, StandIn, User

NOBODY = "nobody: assign"


@dataclass(frozen=True, slots=True)
class Route:
    """Whose a step is: `owner` (None: nobody's yet), the pool it came through, and why in words."""

    owner: User | None
    pool: str
    words: str


class Router:
    """Routes steps on one day. It reads people, absences and teams once; give it many accounts."""

    def __init__(self, today: date) -> None:
        self._today = today
        people = User.objects.filter(is_active=True).exclude(role__in=CANNOT_WORK).select_related("team")
        self._by_email = {person.email.lower(): person for person in people}
        self._by_id = {person.pk: person for person in self._by_email.values()}
        away = StandIn.objects.filter(begins_on__lte=today, ends_on__gte=today).order_by("begins_on", "pk")
        self._stands_in: dict[int, int] = {}
        for row in away:
            self._stands_in.setdefault(row.absent_id, row.stand_in_id)
        leads = [p for p in self._by_email.values() if p.role == Role.LEADER]
        self._leads = sorted(leads, key=lambda p: p.pk)

    def route(self, account: Account, rule: OwnerRule, starter: User | None = None) -> Route:
        """Who gets a step of `account` by the play's owner rule. starter: who opened the play by hand.

        Somebody who is away passes it to their stand-in (and that one to theirs); for who is not here, the lead of
        the team has it; without one nobody, said so. A pool is locked, so this is called in a transaction.
        """
        match rule.rule:
            case "pool":
                return self._from_pool(account, rule)
            case "lead":
                lead = self.lead_of(None, account)
                return (
                    self._to_lead(account, "") if lead is None else Route(lead, "", "the lead, by the play")
                )
            case "starter" if starter is not None and starter.pk in self._by_id:
                return self._present(account, starter, "who started the play")
            case "am":
                return self._by_address(account, account.am_email, "the account's AM")
            case "person":
                return self._by_address(account, rule.person, "named by the play")
            case _:
                return self._by_address(account, account.csm_email, "the account's CSM")

    def lead_of(self, person: User | None, account: Account | None = None) -> User | None:
        """The lead who answers for somebody: of their team, else of the team of the account's CSM, else any lead
        without a team, else an administrator who is there; None when there is nobody."""
        team = person.team if person is not None else None
        if team is None and account is not None:
            csm = self._by_email.get((account.csm_email or "").lower())
            team = csm.team if csm is not None else None
        seen: set[int] = set()
        while team is not None and team.pk not in seen:
            seen.add(team.pk)
            of_team = [p for p in self._leads if p.team_id == team.pk and p != person]
            if found := self._first_present(of_team):
                return found
            team = team.parent
        without_team = [p for p in self._leads if p.team_id is None and p != person]
        administrators = [p for p in self._by_id.values() if p.role == Role.ADMINISTRATOR and p != person]
        return self._first_present(without_team) or self._first_present(
            sorted(administrators, key=lambda p: p.pk)
        )

    def person(self, email: str | None) -> User | None:
        """Somebody who works on accounts, by address."""
        return self._by_email.get((email or "").lower())

    def _by_address(self, account: Account, address: str | None, words: str) -> Route:
        if not address:
            return self._to_lead(account, f"{words} is not known")
        person = self.person(address)
        if person is None:
            return self._to_lead(account, f"{words}, {address}, has no user here")
        return self._present(account, person, words)

    def _present(self, account: Account, person: User, words: str) -> Route:
        """The person, or whoever stands in; a circle of stand-ins goes to the lead."""
        seen = {person.pk}
        now, absent = person, []
        while now.pk in self._stands_in:
            absent.append(now.name)
            following = self._by_id.get(self._stands_in[now.pk])
            if following is None or following.pk in seen:
                return self._to_lead(account, f"{absent[0]} is away, and nobody stands in")
            seen.add(following.pk)
            now = following
        return Route(now, "", f"stands in for {absent[0]}, {words}" if absent else words)

    def _to_lead(self, account: Account, why: str) -> Route:
        lead = self.lead_of(None, account)
        if lead is None:
            return Route(None, "", f"{NOBODY} ({why})" if why else NOBODY)
        return Route(lead, "", f"lead, because {why}")

    def _from_pool(self, account: Account, rule: OwnerRule) -> Route:
        """One of the pool who is here. Its row is locked, so that two at once do not give to the same."""
        pool = Pool.objects.select_for_update().filter(name=rule.pool).first()
        if pool is None:
            return self._to_lead(account, f"there is no pool {rule.pool}")
        here = [
            m for m in PoolMember.objects.filter(pool=pool).order_by("turn", "pk")
            if m.user_id in self._by_id and m.user_id not in self._stands_in
        ]  # fmt: skip
        if not here:
            lead = self._to_lead(account, f"nobody of {pool.title} is here")
            return Route(lead.owner, pool.name, lead.words)
        how = "in turn"
        if rule.choose == "least_loaded":
            load = _unfinished(m.user_id for m in here)
            here.sort(key=lambda m: (load.get(m.user_id, 0), m.turn, m.pk))
            how = "who has the least open work"
        chosen = here[0]
        last = PoolMember.objects.filter(pool=pool).aggregate(last=Max("turn"))["last"]
        PoolMember.objects.filter(pk=chosen.pk).update(turn=(last or 0) + 1)
        return Route(self._by_id[chosen.user_id], pool.name, f"from {pool.title}, {how}")

    def _first_present(self, people: Iterable[User]) -> User | None:
        for person in people:
            if person.pk not in self._stands_in:
                return person
            stand_in = self._by_id.get(self._stands_in[person.pk])
            if stand_in is not None and stand_in.pk not in self._stands_in:
                return stand_in
        return None


def _unfinished(people: Iterable[int]) -> dict[int, int]:
    """Unfinished tasks of each."""
    open_ones = Count("tasks", filter=Q(tasks__state__in=[TaskState.OPEN, TaskState.SNOOZED]))
    rows = User.objects.filter(pk__in=list(people)).annotate(load=open_ones).values_list("pk", "load")
    return dict(rows)
