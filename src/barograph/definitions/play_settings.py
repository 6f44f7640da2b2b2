"""What holds for all plays of a workspace: the fleet-wide guard. Cadences are in `cadence_settings`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from barograph.definitions.base import Definition

Share = Annotated[float, Field(gt=0, le=1)]


class GuardRule(Definition):
    """When so much of the portfolio moves at once that it is an incident of the data first (docs/reference/plays.md).

    scores: `score_share` of the accounts with a score, and at least `accounts_at_least` of them, moved by
    `score_points` or more the same way within one to `look_back_weeks` weeks. fired: plays of the score would open for
    `fired_share` of the accounts, and at least `accounts_at_least`, in one week. feed: signals that carry
    `stale_weight` of the points have no fresh source for more than half of the accounts.
    """

    enabled: bool = True
    accounts_at_least: Annotated[int, Field(ge=1)] = 20
    score_points: Annotated[float, Field(gt=0, le=100)] = 5
    score_share: Share = 0.5
    look_back_weeks: Annotated[int, Field(ge=1, le=8)] = 2
    fired_share: Share = 0.25
    stale_weight: Share = 0.25
