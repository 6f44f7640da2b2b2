"""Which accounts of a play are held out at random, so that its effect can be told (G1).

The draw is a hash of (seed, play, account): the same account always falls into the same arm of a play, on every
machine and in any order, and nobody can choose. It is off unless the play's `hold_out.share` is above 0. The largest
accounts are never held out, and therefore stand outside the comparison on both sides.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.definitions.play import HoldOut

Arm = Literal["treated", "held_out", "delayed"]

DRAW_BITS = 53
"""Bits of the hash that make the draw: as many as a float holds exactly."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """The arm of one account. draw: 0 to below 1; held out or delayed below the share. compared: whether it belongs
    to the comparison; an account that can never be held out does not, and `why` says so."""

    account_id: str
    arm: Arm
    draw: float
    compared: bool
    why: str


def draw(seed: str, play: str, account_id: str) -> float:
    """A number from 0 to below 1, uniform over accounts, from SHA-256 of the three texts.

    The texts are told apart by their lengths, so that no two triples make the same input.
    """
    text = "".join(f"{len(part)}:{part}" for part in (seed, play, account_id))
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return float((int.from_bytes(digest[:8], "big") >> (64 - DRAW_BITS)) / 2**DRAW_BITS)


def never_held_out(arr: Mapping[str, float | None], rule: HoldOut) -> frozenset[str]:
    """Accounts too large to be held out.

    arr: account -> recurring revenue, of the whole portfolio, so that "the largest" does not depend on who happens to
    be triggered. Those at or over `never_arr_at_least`, the `never_largest_share` with the most revenue (rounded up;
    ties at the edge belong to them), and those of unknown revenue, which may be among them.
    """
    known = {name: value for name, value in arr.items() if value is not None and not math.isnan(value)}
    kept = set(arr) - set(known)
    if rule.never_arr_at_least is not None:
        kept |= {name for name, value in known.items() if value >= rule.never_arr_at_least}
    count = math.ceil(rule.never_largest_share * len(known))
    if count:
        edge = sorted(known.values(), reverse=True)[count - 1]
        kept |= {name for name, value in known.items() if value >= edge}
    return frozenset(kept)


def assign(
    play: str, account_ids: Sequence[str], arr: Mapping[str, float | None], rule: HoldOut, *, seed: str
) -> tuple[Assigned, ...]:
    """The arms of the accounts that a play was triggered for, in their order.

    arr: revenue of the whole portfolio; an account that is not in it is of unknown revenue. seed: of the workspace,
    fixed before the first draw. With share 0 everybody is treated and nobody compared.
    """
    spared = never_held_out(arr, rule)
    return tuple(
        _assign(play, account, account in spared or account not in arr, rule, seed) for account in account_ids
    )


def _assign(play: str, account: str, spared: bool, rule: HoldOut, seed: str) -> Assigned:
    drawn = draw(seed, play, account)
    if rule.share == 0:
        return Assigned(account, "treated", drawn, False, "the play holds nobody out")
    if spared:
        return Assigned(account, "treated", drawn, False, "too large, or of unknown revenue, to be held out")
    if drawn >= rule.share:
        return Assigned(account, "treated", drawn, True, "")
    arm: Arm = "held_out" if rule.delay_days is None else "delayed"
    return Assigned(account, arm, drawn, True, "drawn at random")
