"""Whose accounts a review is about: one's own, the team's or all, narrowed by segment and owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import QuerySet

from barograph_web.portfolio.models import Account, Week
from barograph_web.portfolio.queries_list import people
from barograph_web.portfolio.remembered import remembered
from barograph_web.portfolio.visibility import SEES_ALL, own_accounts, visible_accounts
from barograph_web.users.models import Role, User

OWN_FIRST = frozenset({Role.CSM, Role.ACCOUNT_MANAGER})


@dataclass(frozen=True)
class Scope:
    """A choice of accounts and what else could be chosen. `whole`: every account of the company, so that figures
    of the whole portfolio may be shown beside it."""

    name: str
    label: str
    accounts: QuerySet[Account]
    whole: bool
    choices: tuple[tuple[str, str], ...]
    segment: str = ""
    owner: str = ""

    @property
    def words(self) -> str:
        """ "Team North, segment enterprise"; what minutes are filed under."""
        parts = [self.label]
        if self.segment:
            parts.append(f"segment {self.segment}")
        if self.owner:
            parts.append(f"owner {self.owner}")
        return ", ".join(parts)

    @property
    def query(self) -> str:
        """The part of an address that chooses this scope again."""
        chosen = {"scope": self.name, "segment": self.segment, "owner": self.owner}
        return urlencode({key: value for key, value in chosen.items() if value})

    @property
    def segments(self) -> list[str]:
        """Segments to choose from: those of the accounts before narrowing."""
        return _values(self.unnarrowed, "segment")

    @property
    def owners(self) -> list[tuple[str, str]]:
        """(address, name) of owners to choose from, by name; none where all accounts are one's own."""
        found = [] if self.name == "mine" else _values(self.unnarrowed, "csm_email")
        return sorted(people(set(found)).items(), key=lambda pair: pair[1]) if found else []

    unnarrowed: QuerySet[Account] | None = None


def scope_of(user: User, today: date, chosen: Mapping[str, str]) -> Scope:
    """The scope that `chosen` (scope, segment, owner: from an address) asks for.

    What somebody may not choose, or does not exist, is the scope that they begin with: their own accounts for a CSM
    or account manager, their team's for a leader, all for others. Narrowing never widens what they may see.
    """
    everything = user.role in SEES_ALL or (user.role == Role.LEADER and user.team_id is None)
    choices: list[tuple[str, str]] = []
    if user.role in OWN_FIRST:
        choices.append(("mine", "My accounts"))
    elif everything:
        choices += [("all", "All accounts"), ("mine", "My accounts")]
    else:
        team = user.team.name if user.team is not None else "Team"
        choices += [("team", team), ("mine", "My accounts")]
    labels = dict(choices)
    name = chosen.get("scope", "")
    name = name if name in labels else choices[0][0]
    accounts = own_accounts(user, today) if name == "mine" else visible_accounts(user, today)
    segment, owner = chosen.get("segment", "")[:200], chosen.get("owner", "")[:254]
    narrowed = accounts
    if segment:
        narrowed = narrowed.filter(segment=segment)
    if owner:
        narrowed = narrowed.filter(csm_email=owner)
    return Scope(
        name=name,
        label=labels[name],
        accounts=narrowed,
        whole=name == "all" and not (segment or owner),
        choices=tuple(choices) if len(choices) > 1 else (),
        segment=segment,
        owner=owner,
        unnarrowed=accounts,
    )


def _values(accounts: QuerySet[Account] | None, column: str) -> list[str]:
    week = Week.objects.first()
    if accounts is None or week is None:
        return []
    rows = accounts.filter(is_current=True).order_by(column).values_list(column, flat=True).distinct()
    return remembered(f"values:{column}", [week], accounts, lambda: [value for value in rows if value])
