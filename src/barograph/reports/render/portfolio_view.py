"""The portfolio of a review in words and figures: tiers, movement, the structural alarm, parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barograph.charts.marks import shade
from barograph.core.movement import ALARM_SHARE
from barograph.core.words import per_cent
from barograph.definitions.base import TIER_ORDER
from barograph.reports.render.phrases import (
    Record,
    Way,
    counted,
    date_words,
    revenue_words,
    rough_money,
    score_words,
    tier_words,
)

ABSENT = "not_there"
ATTRIBUTE_WORDS = {"csm_email": "owner", "am_email": "account manager"}


@dataclass(frozen=True, slots=True)
class TierView:
    """One tier of the portfolio. share: of the known revenue, 0 to 1; change: "+7", "±0" or ""."""

    tier: str
    label: str
    accounts: int
    change: str
    arr: float
    revenue: str
    share: float
    share_words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the movement matrix; texts are "" where nobody moved. shade: a class of charts.palette."""

    count: str
    revenue: str
    shade: str
    way: Way


@dataclass(frozen=True, slots=True)
class MovementView:
    """From (rows) to (columns). Tiers are always there, other states only where an account was in them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    summary: str


@dataclass(frozen=True, slots=True)
class AlarmPart:
    """The net shift down within one value of an attribute."""

    value: str
    accounts: str
    revenue: str


@dataclass(frozen=True, slots=True)
class AlarmView:
    """Whether the portfolio shifted down within a quarter, and where. breakdown: (attribute, parts)."""

    raised: bool
    summary: str
    breakdown: tuple[tuple[str, tuple[AlarmPart, ...]], ...]


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A whole of several scored parts: a parent, or an account of several products."""

    name: str
    kind: str
    tier: str
    tier_label: str
    score: str
    revenue: str
    coverage: str
    decided_by: str
    parts: tuple[tuple[str, str, str, str], ...]
    """(name, tier label, score, share of the whole) per part."""


def tier_views(tiers: Sequence[Record], total: float | None, currency: str) -> tuple[TierView, ...]:
    """Every tier in the order of the document."""
    found = []
    for tier in tiers:
        before, share = tier.get("accounts_before"), tier["arr"] / total if total else 0.0
        moved = None if before is None else tier["accounts"] - before
        change = "" if moved is None else "±0" if moved == 0 else f"{moved:+,}"
        found.append(
            TierView(
                tier["tier"], tier["label"], tier["accounts"], change, tier["arr"],
                revenue_words(tier["arr"], currency), share, per_cent(share),
            )
        )  # fmt: skip
    return tuple(found)


def movement_view(document: Record | None, labels: Mapping[str, str], currency: str) -> MovementView | None:
    """The movement matrix, worst tier first; None in the first week."""
    if document is None:
        return None
    states, count, arr = document["states"], document["count"], document["arr"]

    def shown(values: Sequence[int], state: str) -> bool:
        return state in TIER_ORDER or any(values)

    rows = [i for i, state in enumerate(states) if shown(count[i], state)]
    columns = [j for j, state in enumerate(states) if shown([line[j] for line in count], state)]
    moved = [
        count[i][j] for i in rows for j in columns if i != j and {states[i], states[j]} <= set(TIER_ORDER)
    ]
    stayed = [count[i][i] for i in rows if i in columns]

    def cell(i: int, j: int) -> Cell:
        if not count[i][j]:
            return Cell("", "", "", "same")
        tiers = states[i] in TIER_ORDER and states[j] in TIER_ORDER
        known: Way = "same"
        if tiers and i != j:
            known = "up" if j > i else "down"
        # Accounts that stayed are many: they are shaded among themselves, so that a move shows.
        most = max(moved, default=0) if known != "same" else max(stayed, default=0)
        tone = shade(i, j, count[i][j], most) if tiers or i == j else ""
        return Cell(f"{count[i][j]:,}", rough_money(arr[i][j], currency), tone, known)

    up, down = counted(document["up"], "account"), counted(document["down"], "account")
    return MovementView(
        columns=tuple("Gone" if states[j] == ABSENT else tier_words(states[j], labels) for j in columns),
        rows=tuple(
            (
                "New" if states[i] == ABSENT else tier_words(states[i], labels),
                tuple(cell(i, j) for j in columns),
            )
            for i in rows
        ),
        summary=f"{up} moved up with {rough_money(document['up_arr'], currency)}, "
        f"{down} moved down with {rough_money(document['down_arr'], currency)}.",
    )


def alarm_view(document: Record | None, currency: str) -> AlarmView | None:
    """The structural alarm; its breakdown only when it is raised. None when the document has none."""
    if document is None:
        return None
    share_count, share_arr = document["share_count"], document["share_arr"]
    limit = f"{ALARM_SHARE * 100:.0f}%"
    if not document["raised"]:
        told = "No structural alarm: "
        if max(share_count, share_arr) <= 0:
            told += "the portfolio did not shift down within the quarter"
        else:
            told += f"{_shift(share_count, share_arr)} shifted down net since {date_words(document['since'])}"
        return AlarmView(False, f"{told} (raised from {limit} of accounts or of revenue).", ())
    return AlarmView(
        True,
        f"The portfolio is shifting down. Since {date_words(document['since'])}, {_shift(share_count, share_arr)} "
        f"moved to lower tiers, net of those that rose ({limit} in either raises this alarm). Look for one cause "
        "before you look at single accounts.",
        tuple(
            (ATTRIBUTE_WORDS.get(name, name.replace("_", " ")), parts)
            for name, values in document["breakdown"].items()
            if (parts := _parts(values, currency))
        ),
    )


def family_views(
    wholes: Sequence[Record], names: Mapping[str, str], labels: Mapping[str, str], currency: str
) -> tuple[FamilyView, ...]:
    """Parents and accounts of several products. names: account id -> name, where it is known."""

    def name(record: Record) -> str:
        identity = record["account_id"]
        return str(record.get("name") or names.get(identity) or identity)

    found = []
    for whole in wholes:
        parts = {part["account_id"]: name(part) for part in whole["parts"]}
        decided = whole.get("decided_by")
        found.append(
            FamilyView(
                name(whole), whole["kind"], whole["tier"], tier_words(whole["tier"], labels),
                score_words(whole["score"]), revenue_words(whole["arr"], currency), per_cent(whole["coverage"]),
                "" if decided is None else parts.get(str(decided), str(decided)),
                tuple(
                    (parts[part["account_id"]], tier_words(part["tier"], labels), score_words(part["score"]),
                     per_cent(part["share"]))
                    for part in whole["parts"]
                ),
            )
        )  # fmt: skip
    return tuple(found)


def _shift(share_count: float, share_arr: float) -> str:
    return f"{per_cent(max(0.0, share_count))} of accounts and {per_cent(max(0.0, share_arr))} of revenue"


def _parts(values: Sequence[Record], currency: str) -> tuple[AlarmPart, ...]:
    return tuple(
        AlarmPart(
            str(part["value"]),
            f"{part['net_count']:,} of {part['accounts']:,}",
            rough_money(part["net_arr"], currency),
        )
        for part in values
        if part["net_count"] > 0 or part["net_arr"] > 0
    )
