"""The overlay as part of the model file: when an account manager's pulse decides the tier that is shown (H5)."""

from __future__ import annotations

from pydantic import Field

from barograph.definitions.base import Definition, DisplayedTier, PositiveDays, Scope, TierName


class PulseCadence(Definition):
    """How often a pulse is due, and how long it has force, for some accounts.

    when: account attributes (`touch_model`, `segment`, ...). tiers: computed tiers; empty: all. The first
    cadence that fits an account counts.
    """

    when: Scope = Field(default={})
    tiers: tuple[DisplayedTier, ...] = ()
    every_days: PositiveDays
    valid_days: PositiveDays


class Overlay(Definition):
    """The published rule by which a pulse changes the tier shown, never the score (`core.overlay`).

    scope: accounts whose pulse is overlay; empty: all. For the others it may be a signal, never both.
    sponsor_missing_at_most, both_missing_at_most: the best tier shown with the sponsor missing, and with sponsor
    and narrative missing. lift: whether a pulse can lift at all; lift_days: how long from the counter-signature.
    every_days, valid_days: for accounts that no `cadence` names.
    """

    scope: Scope = Field(default={})
    sponsor_missing_at_most: TierName = "watch"
    both_missing_at_most: TierName = "at_risk"
    lift: bool = True
    lift_days: PositiveDays = 45
    every_days: PositiveDays = 30
    valid_days: PositiveDays = 45
    cadence: tuple[PulseCadence, ...] = ()
