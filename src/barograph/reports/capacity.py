"""Where the team's capacity ends in the list of accounts At Risk or on Watch, and what nobody is working (H1).

The list is ranked as the attention list is, by the same published formula. The line is drawn by the settings of the
workspace ([capacity]); it reads tiers and changes none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from barograph.core.arrays import BoolArray, CodeArray, FloatArray, IntArray
from barograph.core.capacity import CapacityLine, capacity_line
from barograph.core.thresholds import AT_RISK, WATCH
from barograph.core.words import money
from barograph.workspace import Capacity

Row = dict[str, Any]
NOBODY = ""


@dataclass(frozen=True, slots=True)
class WorkList:
    """The accounts of the whole team, or of one owner, as the review sees them. rows: as they were published;
    priority: of the attention list; tier: displayed codes; shown: what the review was narrowed to."""

    rows: Sequence[Row]
    priority: FloatArray
    tier: CodeArray
    shown: BoolArray


def capacity_entry(
    settings: Capacity, found: WorkList, currency: str, owner: str | None
) -> dict[str, Any] | None:
    """The `capacity` block of the review; None when the workspace sets no capacity.

    owner: the review is about one owner, whose own capacity counts. Narrowed to a segment, the line stays that of
    the whole team, and the counts are those of the segment.
    """
    each = settings.accounts_per_csm if settings.accounts_per_csm is not None else settings.hours_per_csm
    if each is None:
        return None
    effort = _effort(settings, found.tier)
    arr = np.array([np.nan if r["arr"] is None else r["arr"] for r in found.rows], dtype=np.float64)
    p_lost = np.array([_p_lost(r) for r in found.rows], dtype=np.float64)
    owners = sorted({r["csm_email"] for r in found.rows if r["csm_email"]})
    csms = 1 if owner is not None else settings.csms or len(owners)
    order = _ranked(found, np.ones(len(arr), dtype=bool))
    line = capacity_line(order, effort, each * csms, arr, p_lost)
    below = line.beyond[found.shown[line.beyond]]
    above = line.worked[found.shown[line.worked]]
    told = capacity_line(below, effort, 0.0, arr, p_lost)
    entry: dict[str, Any] = {
        "by": "accounts" if settings.accounts_per_csm is not None else "hours",
        "csms": csms,
        "each": each,
        "total": each * csms,
        "to_work": len(above) + len(below),
        "worked": len(above),
        "worked_arr": float(np.nansum(arr[above])),
        "beyond": len(below),
        "beyond_at_risk": int((found.tier[below] == AT_RISK).sum()),
        "beyond_arr": told.arr_beyond,
        "beyond_expected_loss": None if np.isnan(told.expected_loss_beyond) else told.expected_loss_beyond,
        "last_worked": None if not len(line.worked) else found.rows[int(line.worked[-1])]["account_id"],
        "beyond_accounts": [_account(found.rows[int(i)]) for i in below],
        "owners": [] if owner is not None else _owners(found, owners, effort, each, arr, p_lost),
    }
    return entry | {"words": f"{capacity_words(entry, currency)}{_owners_words(entry['owners'], currency)}"}


def capacity_words(entry: dict[str, Any], currency: str) -> str:
    """The line in two or three sentences."""
    unit = "accounts" if entry["by"] == "accounts" else "hours a week"
    team = (
        f"{entry['csms']:,} {'person' if entry['csms'] == 1 else 'people'} with {entry['each']:g} {unit} each"
    )
    if not entry["csms"]:
        return "No account has an owner, so the size of the team is not known: set `csms` under `[capacity]`."
    if not entry["to_work"]:
        return f"No account is At Risk or on Watch, so the capacity of {team} is not drawn on."
    if not entry["beyond"]:
        return f"{team[:1].upper()}{team[1:]} can work all {entry['to_work']:,} accounts At Risk or on Watch."
    text = (
        f"{team[:1].upper()}{team[1:]} can work {entry['worked']:,} of {entry['to_work']:,} accounts At Risk or on "
        f"Watch. Below that line nobody is working {entry['beyond']:,} accounts with "
        f"{money(round(entry['beyond_arr']), currency)} of recurring revenue, {entry['beyond_at_risk']:,} of them At "
        "Risk"
    )
    if entry["beyond_expected_loss"] is not None:
        text += f"; {money(round(entry['beyond_expected_loss']), currency)} of it is expected to be lost"
    return f"{text}. The line moves no tier."


def _owners_words(owners: Sequence[dict[str, Any]], currency: str) -> str:
    """The team may fit while some of its members do not."""
    over = [o for o in owners if o["beyond"] and o["owner"]]
    if not over:
        return ""
    beyond, arr = sum(o["beyond"] for o in over), sum(o["beyond_arr"] for o in over)
    who = "1 owner has" if len(over) == 1 else f"{len(over):,} owners have"
    what = "1 account" if beyond == 1 else f"{beyond:,} accounts"
    return (
        f" As accounts are owned now, {who} {what} more than they can work ({money(round(arr), currency)})."
    )


def _effort(settings: Capacity, tier: CodeArray) -> FloatArray:
    if settings.accounts_per_csm is not None:
        return np.ones(len(tier))
    return np.where(tier == AT_RISK, settings.hours_at_risk, settings.hours_watch)


def _ranked(found: WorkList, some: BoolArray) -> IntArray:
    """Rows At Risk or on Watch, most urgent first; ties go by account id, as on the attention list."""
    rows = np.flatnonzero(some & ((found.tier == AT_RISK) | (found.tier == WATCH)))
    ids = np.array([str(found.rows[i]["account_id"]) for i in rows.tolist()])
    return rows[np.lexsort((ids, -found.priority[rows]))] if len(rows) else rows


def _owners(
    found: WorkList,
    owners: Sequence[str],
    effort: FloatArray,
    each: float,
    arr: FloatArray,
    p_lost: FloatArray,
) -> list[dict[str, Any]]:
    """Every owner's own list, the one with the most revenue below the line first; accounts without an owner last."""
    held = np.array([r["csm_email"] or NOBODY for r in found.rows], dtype=object)
    lines: list[tuple[str, CapacityLine]] = [
        (name, capacity_line(_ranked(found, held == name), effort, each if name else 0.0, arr, p_lost))
        for name in (*owners, NOBODY)
    ]
    lines = [(name, line) for name, line in lines if len(line.worked) + len(line.beyond)]
    lines.sort(key=lambda pair: (not pair[0], -pair[1].arr_beyond, pair[0]))
    return [
        {
            "owner": name or None,
            "to_work": len(line.worked) + len(line.beyond),
            "worked": len(line.worked),
            "beyond": len(line.beyond),
            "beyond_arr": line.arr_beyond,
        }
        for name, line in lines
    ]


def _p_lost(row: Row) -> float:
    kept = row.get("renewal_probability")
    return float("nan") if kept is None else 1.0 - float(kept)


def _account(row: Row) -> dict[str, Any]:
    return {
        "account_id": row["account_id"],
        "name": row["name"] or row["account_id"],
        "owner": row["csm_email"],
        "tier": row["tier"],
        "arr": row["arr"],
    }
