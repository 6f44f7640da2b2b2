"""The pages under Administration, as tabs that the apps register: this one, and those above it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from barograph_web.users.models import User
from barograph_web.users.permissions import May, may


@dataclass(frozen=True, slots=True)
class Tab:
    """One page, for people whose role includes any of `needs`."""

    position: int
    label: str
    view: str
    needs: Collection[May]


TABS: list[Tab] = []


def register(tab: Tab) -> None:
    """Add a page, in order of position; the same view twice is one."""
    if all(other.view != tab.view for other in TABS):
        TABS.append(tab)
        TABS.sort(key=lambda t: t.position)


def tabs_of(user: object) -> list[Tab]:
    """The pages of Administration that a person may open, in order; the first is where the section leads."""
    if not isinstance(user, User):
        return []
    return [tab for tab in TABS if any(may(user, need) for need in tab.needs)]
