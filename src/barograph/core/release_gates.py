"""Weeks whose changes wait for a person (P9): a history that was filled in, a version that nobody has released.

A going-live is every filled-in week and the first week that was scored live: what stands there then was so before
anybody looked, and fires when a person releases it. A change of version moves tiers in its first week and, because a
move waits for confirmations, in the weeks that follow.

With `released` (the application knows them) everything that a model can move is held back under a version that is not
among them, for as long as nobody releases it. Without it (the command line alone) a change of version holds back the
weeks in which it can show: as many as the model asks confirmations for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from barograph.core.firing import HeldBecause
from barograph.core.triggers import Gates


def gates(
    versions: Sequence[str], filled: Sequence[bool], settling: int, released: Collection[str] | None
) -> Gates:
    """Gates of published weeks, oldest first.

    versions: of each. filled: whether it lies before the first version and was filled in. settling: weeks, at least 1,
    that a change of version can show in. released: versions that a person released, None when nobody knows.
    """
    live = [week for week, was_filled in enumerate(filled) if not was_filled]
    first_live = live[0] if live else len(filled)
    changes = [j for j in range(1, len(versions)) if versions[j] != versions[j - 1]]
    model: list[HeldBecause | None] = []
    others: list[HeldBecause | None] = []
    for j, version in enumerate(versions):
        entering = j <= first_live
        if released is not None and version in released:
            model.append(None)
            others.append(None)
            continue
        others.append("going_live" if entering else None)
        if released is not None:
            known = any(earlier in released for earlier in versions[:j])
            model.append("version_not_released" if known else "going_live")
        elif j < first_live + settling:
            model.append("going_live")
        elif any(j - settling < change <= j for change in changes):
            model.append("version_not_released")
        else:
            model.append(None)
    return Gates(tuple(model), tuple(others))


def is_going_live(filled: Sequence[bool]) -> bool:
    """Whether the last of these weeks is the first that was scored live, or was itself filled in."""
    return all(filled[:-1])
