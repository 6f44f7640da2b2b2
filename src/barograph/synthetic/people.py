"""Contacts: who is at the account, when they leave and when that became known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from barograph.synthetic.accounts import Profile
from barograph.synthetic.frame import (
    DAY,
    HOUR,
    NEVER,
    Bools,
    Coded,
    Columns,
    Ints,
    build,
    known,
    office_hours,
    ordinals,
    plain,
    stack,
    take,
    texts,
)
from barograph.synthetic.names import address, people
from barograph.synthetic.spec import CompanySpec

ROLES = ("sponsor", "champion", "economic_buyer", "admin", "power_user", "user")
STATUSES = ("active", "at_risk", "departed")
TITLES = {
    "sponsor": (
        "VP Operations",
        "Chief Operating Officer",
        "Director of Operations",
        "VP Customer Experience",
    ),
    "champion": ("Programme Manager", "Head of Process", "Operations Manager", "Product Owner"),
    "economic_buyer": ("Chief Financial Officer", "Head of Procurement", "Finance Director"),
    "admin": ("Systems Administrator", "IT Manager", "Platform Engineer"),
    "power_user": ("Operations Analyst", "Team Lead", "Senior Planner"),
    "user": ("Coordinator", "Planner", "Analyst", "Specialist"),
}
LEAVES_PER_WEEK = {"sponsor": 0.0042, "champion": 0.0042}
CREW = (4, 2, 1)
"""Power users and users listed as contacts, at most, per segment; the product has more users than these."""


@dataclass(slots=True)
class Tenures:
    """When two roles were empty: left on `left`, filled on `filled` (n x 2 day numbers, `NEVER` if not).

    `learned` is the day on which the departure was recorded, `warned` the day on which it was first seen
    coming (`NEVER` when it came as a surprise). The first pair happens before the second.
    """

    left: Ints
    filled: Ints
    learned: Ints
    warned: Ints

    def empty(self, spec: CompanySpec) -> Bools:
        """n x weeks: the role was empty at the end of the week."""
        friday = spec.start_day + 7 * np.arange(spec.weeks) + 4
        empty = np.zeros((len(self.left), spec.weeks), dtype=np.bool_)
        for turn in range(2):
            left, filled = self.left[:, turn, None], self.filled[:, turn, None]
            empty |= (left != NEVER) & (friday >= left) & ((filled == NEVER) | (friday < filled))
        return empty


def draw(spec: CompanySpec, block: int, role: str, start_day: Ints) -> Tenures:
    """Departures of one role within the window; two in three are filled again after 8 to 30 weeks."""
    rng = spec.rng(block, f"tenure of {role}")
    n = len(start_day)
    rate = LEAVES_PER_WEEK[role] / 7
    shape = (n, 2)
    left = np.full(shape, NEVER)
    filled = np.full(shape, NEVER)
    since = np.maximum(start_day, spec.start_day) + 30
    for turn in range(2):
        day = since + rng.exponential(1 / rate, n).astype(np.int64)
        vacancy = rng.integers(8 * 7, 30 * 7, n)
        stays_empty = rng.random(n) < 0.35
        happens = day < spec.end_day
        if turn:
            happens &= filled[:, 0] != NEVER
        left[:, turn] = np.where(happens, day, NEVER)
        filled[:, turn] = np.where(happens & ~stays_empty, day + vacancy, NEVER)
        since = np.where(filled[:, turn] == NEVER, spec.end_day, filled[:, turn]) + 30
    learned = np.where(left == NEVER, NEVER, left + rng.integers(1, 18, shape))
    early = rng.integers(20, 60, shape)
    warned = np.where((left != NEVER) & (rng.random(shape) < 0.35), left - early, NEVER)
    return Tenures(left, filled, learned, warned)


def table(
    spec: CompanySpec, block: int, profile: Profile, tenures: dict[str, Tenures], lost_day: Ints
) -> tuple[pa.Table, Columns]:
    """The `contacts` table, and its people as columns (account, contact_id, role, valid_from, valid_to)."""
    rng = spec.rng(block, "contacts")
    n = profile.n
    account: list[int] = []
    roles: list[str] = []
    start: list[int] = []
    left: list[int] = []
    learned: list[int] = []
    warned: list[int] = []
    crew = rng.integers(1, 1 + np.take(CREW, profile.segment)[:, None], (n, 2))
    for position in range(n):
        if profile.quiet[position]:
            continue
        begin = int(profile.start_day[position])
        for role in ("sponsor", "champion"):
            tenure = tenures[role]
            since = begin
            for turn in range(3):
                gone = int(tenure.left[position, turn]) if turn < 2 else NEVER
                account.append(position)
                roles.append(role)
                start.append(since)
                left.append(gone)
                learned.append(int(tenure.learned[position, turn]) if turn < 2 else NEVER)
                warned.append(int(tenure.warned[position, turn]) if turn < 2 else NEVER)
                if gone == NEVER or int(tenure.filled[position, turn]) == NEVER:
                    break
                since = int(tenure.filled[position, turn])
        others = ["economic_buyer"] if profile.segment[position] < 2 else []
        others += ["admin"] + ["power_user"] * int(crew[position, 0]) + ["user"] * int(crew[position, 1])
        for role in others:
            account.append(position)
            roles.append(role)
            start.append(begin)
            left.append(NEVER)
            learned.append(NEVER)
            warned.append(NEVER)
    persons = _columns(rng, profile, np.array(account), roles, np.array(start))
    clocks = {"left": np.array(left), "learned": np.array(learned), "warned": np.array(warned)}
    _ordinary_departures(rng, spec, persons, clocks, roles)
    persons["valid_to"] = clocks["left"]
    return build("contacts", _versions(rng, spec, persons, clocks, lost_day)), persons


def _columns(
    rng: np.random.Generator, profile: Profile, account: Ints, roles: list[str], start: Ints
) -> Columns:
    names = people(rng, len(account))
    position = ordinals(account)
    picks = rng.integers(0, 12, len(account)).tolist()
    owners = account.tolist()
    return {
        "account": account,
        "account_id": profile.words(account),
        "contact_id": texts(
            [f"{profile.ids[a]}-P{p + 1:02d}" for a, p in zip(owners, position.tolist(), strict=True)]
        ),
        "name": texts(names),
        "email": texts([address(name, profile.domains[a]) for name, a in zip(names, owners, strict=True)]),
        "title": texts(
            [TITLES[role][pick % len(TITLES[role])] for role, pick in zip(roles, picks, strict=True)]
        ),
        "role": texts(roles),
        "valid_from": start,
    }


def _ordinary_departures(
    rng: np.random.Generator, spec: CompanySpec, persons: Columns, clocks: dict[str, Ints], roles: list[str]
) -> None:
    """One in twelve of the other people leaves too; that decides nothing."""
    rows = len(roles)
    start = plain(persons, "valid_from")
    day = rng.integers(spec.start_day, spec.end_day, rows)
    other = np.array([role not in ("sponsor", "champion") for role in roles])
    goes = other & (rng.random(rows) < 0.08) & (day > start + 60)
    clocks["left"][goes] = day[goes]
    clocks["learned"][goes] = day[goes] + rng.integers(1, 30, int(goes.sum()))


def _versions(
    rng: np.random.Generator, spec: CompanySpec, persons: Columns, clocks: dict[str, Ints], lost_day: Ints
) -> Columns:
    """Active when they came, at risk when it was seen coming, departed once it was learned."""
    account, start = plain(persons, "account"), plain(persons, "valid_from")
    facts = {name: values for name, values in persons.items() if name not in ("account", "valid_to")}
    gone = np.where(lost_day == NEVER, np.iinfo(np.int64).max // DAY, lost_day)[account]
    learned = np.where(clocks["left"] < gone, clocks["learned"], NEVER)
    warned = np.where(clocks["warned"] > start, clocks["warned"], NEVER)
    parts = []
    for status, day in (("active", start), ("at_risk", warned), ("departed", learned)):
        recorded = office_hours(rng, np.where(day == NEVER, 0, day)) + HOUR
        rows = np.flatnonzero((day != NEVER) & (day < gone))
        part = take(facts, rows)
        part["status"] = Coded(np.full(len(rows), STATUSES.index(status)), STATUSES)
        part["valid_to"] = clocks["left"][rows] if status == "departed" else np.full(len(rows), NEVER)
        part["recorded_at"] = recorded[rows]
        parts.append(part)
    return known(stack(parts), spec.end_day)
