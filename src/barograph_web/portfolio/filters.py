"""What a portfolio is narrowed to and sorted by, read from an address and written back to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from barograph_web.portfolio.models import WORST_FIRST, Account, Standing, Tier

UNKNOWN = "-"
"""The value of a filter for accounts of which the attribute is not known."""
MOVES = {
    "worse": "Fell a tier",
    "newly_healthy": "Newly Healthy",
    "growth": "Newly Growth",
    "better": "Rose, not yet Healthy",
    "score_lost": "Lost their score",
    "score_found": "Have a score again",
    "moved_by_model": "Moved by a new model",
    "new": "New",
}
ATTRIBUTES = {
    "segment": "segment",
    "plan": "plan",
    "lifecycle": "lifecycle",
    "csm": "csm_email",
    "am": "am_email",
}
"""Key in the address -> field of Account."""
SORTS: dict[str, tuple[str, ...]] = {
    "risk": ("tier_order", "-arr"),
    "name": ("account__name",),
    "score": ("score",),
    "change": ("change_4_weeks",),
    "tier": ("tier_order", "score"),
    "arr": ("arr",),
    "renewal": ("account__renewal_on",),
    "opt_out": ("opt_out_on",),
    "owner": ("account__csm_email",),
    "touch": ("account__last_touch_on",),
}
KEYS = ("q", "tier", "moved", "turning", "within", "mine", *ATTRIBUTES)
MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; everything empty: not at all.

    attributes: key of ATTRIBUTES -> value, or UNKNOWN. within: opt-out deadline in at most so many days from today.
    wrong: key -> what to change, for values that could not be read; those do not narrow the list.
    """

    q: str = ""
    tiers: tuple[str, ...] = ()
    moved: str = ""
    turning: bool = False
    within: int | None = None
    mine: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, params: QueryDict) -> Filters:
        """The filters of an address. Unknown keys are left alone."""
        wrong: dict[str, str] = {}
        tiers = tuple(dict.fromkeys(t for t in params.getlist("tier") if t))
        if unknown := [t for t in tiers if t not in Tier.values]:
            wrong["tier"] = f"{unknown[0][:40]!r} is no tier."
        moved = params.get("moved", "")
        if moved and moved != "any" and moved not in MOVES:
            wrong["moved"] = f"{moved[:40]!r} is no kind of move."
        within, text = None, params.get("within", "").strip()
        if text:
            if text.isascii() and text.isdigit() and int(text) <= MOST_DAYS:
                within = int(text)
            else:
                wrong["within"] = f"Give whole days, 0 to {MOST_DAYS}."
        return cls(
            q=params.get("q", "").replace("\x00", "").strip()[:200],
            tiers=tuple(t for t in tiers if t in Tier.values),
            moved="" if "moved" in wrong else moved,
            turning=params.get("turning") == "1",
            within=within,
            mine=params.get("mine") == "1",
            attributes={
                k: params[k].replace("\x00", "")[:254] for k in ATTRIBUTES if params.get(k, "").strip()
            },
            wrong=wrong,
        )

    @property
    def active(self) -> bool:
        """Whether the list is narrowed at all."""
        return bool(
            self.q
            or self.tiers
            or self.moved
            or self.turning
            or self.within is not None
            or self.mine
            or self.attributes
        )

    def apply(
        self, standings: QuerySet[Standing], own: QuerySet[Account], within_until: Any
    ) -> QuerySet[Standing]:
        """The standings that pass. own: the person's accounts, for `mine`. within_until: (today, last day) that
        `within` means, or None without."""
        if self.q:
            standings = standings.filter(
                Q(account__name__icontains=self.q) | Q(account__account_id__icontains=self.q)
            )
        if self.tiers:
            places = [WORST_FIRST.index(tier) for tier in self.tiers]  # the index begins with it
            standings = standings.filter(tier_order__in=places)
        if self.moved == "any":
            standings = standings.exclude(moved__in=["", "new"])
        elif self.moved:
            standings = standings.filter(moved=self.moved)
        if self.turning:
            standings = standings.filter(about_to_turn=True)
        if within_until is not None:
            standings = standings.filter(opt_out_on__range=within_until)
        if self.mine:
            standings = standings.filter(account__in=own)
        for key, value in self.attributes.items():
            name = f"account__{ATTRIBUTES[key]}"
            standings = standings.filter(**{f"{name}__isnull": True} if value == UNKNOWN else {name: value})
        return standings


def order(sort: str) -> tuple[Any, ...]:
    """The order for a sort key such as "arr" or "-arr"; what is not known comes last either way.

    An unknown key is the default: worst tier first, largest revenue first.
    """
    key, falling = sort.removeprefix("-"), sort.startswith("-")
    found = []
    for name in SORTS.get(key, SORTS["risk"]):
        down = name.startswith("-") != (falling and key in SORTS)
        column = F(name.removeprefix("-"))
        found.append(column.desc(nulls_last=True) if down else column.asc(nulls_last=True))
    return (*found, "account_id")


def query_of(params: QueryDict) -> str:
    """The part of an address that says filters and order, for saved views and links; "" for neither."""
    kept = QueryDict(mutable=True)
    for key in (*KEYS, "sort"):
        if values := [v for v in params.getlist(key) if v]:
            kept.setlist(key, values)
    return kept.urlencode()
