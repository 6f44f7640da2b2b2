"""The published rule by which an account manager's pulse decides the tier that is shown (H5).

The computed score and tier are never altered. For an account in the rule's scope, with a score and a pulse in
force at the date:

1. Sponsor and narrative both missing: no better than `both_missing_at_most` (At Risk), at once.
2. Sponsor missing: no better than `sponsor_missing_at_most` (Watch), at once.
3. Else a pulse whose author wants a better tier than the computed one lifts by one tier, never into Growth, when it
   has a reason, a leader's counter-signature that is not older than `lift_days`, and neither notice is given, nor a
   P1 ticket open, nor a hard event of the model in force.

A pulse has force for `valid_days` (`cadence` may say otherwise for some accounts); an expired one has none. Only the
newest pulse counts. A newer pulse keeps a standing counter-signature while its author still wants the lift: the
signature carries no further than the tier it was given for. Insufficient data stays insufficient data: there are no
numbers that a pulse could be held against.

Divergence is defined here once: the tier that a pulse speaks for (`opinion`) against the computed tier, where Growth
counts as Healthy, for a pulse in force and an account with a score.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from barograph.core.arrays import AnyArray, BoolArray, CodeArray, IntArray, TextArray, texts
from barograph.core.scopes import Attributes, in_scope
from barograph.core.thresholds import AT_RISK, HEALTHY, NONE, TIER_CODES, WATCH
from barograph.definitions.overlay import Overlay

SPONSOR = ("missing", "at_risk", "active")
ENGAGEMENT = ("none", "lapsed", "active")
NARRATIVE = ("missing", "in_development", "defensible")
"""Words of the three answers by code, worst first; -1 is no answer."""
UNANSWERED = -1

RULES = ("", "sponsor_missing", "sponsor_and_narrative_missing", "lift")
"""Which line of the rule decides the tier shown, by code; "" where it is the computed one."""
STANDS, SPONSOR_MISSING, BOTH_MISSING, LIFTED = range(len(RULES))

PULSES = ("none", "in_force", "expired", "out_of_scope")
"""What there is of a pulse, by code."""
NO_PULSE, IN_FORCE, EXPIRED, OUT_OF_SCOPE = range(len(PULSES))

LIFTS = (
    "not_wanted",
    "given",
    "switched_off",
    "no_reason",
    "not_countersigned",
    "countersignature_expired",
    "notice_given",
    "open_p1",
    "hard_event",
    "never_into_growth",
)
"""What became of the lift that a pulse wants, by code: given, or what stands in its way."""
(
    NOT_WANTED,
    GIVEN,
    SWITCHED_OFF,
    NO_REASON,
    NOT_SIGNED,
    SIGNATURE_EXPIRED,
    NOTICE,
    OPEN_P1,
    HARD_EVENT,
    INTO_GROWTH,
) = range(len(LIFTS))

NO_DAY = -1
"""No such day: no pulse, or no counter-signature."""

DIVERGENCES = {-1: "worse", 0: None, 1: "better"}
"""Words of a divergence: the pulse is worse, or better, than the numbers."""


@dataclass(frozen=True, slots=True)
class Pulses:
    """The newest pulse of each of n accounts, as known at a date.

    day: local day it was recorded, NO_DAY for none. sponsor, engagement, narrative: codes, UNANSWERED for no answer.
    wanted: tier code, NONE for none. reasoned: it has a reason. signed_day, signed_tier: the standing
    counter-signature, of this pulse or an earlier one, NO_DAY and NONE for none. open_p1: a tier is wanted and a P1
    ticket is open.
    """

    day: IntArray
    sponsor: CodeArray
    engagement: CodeArray
    narrative: CodeArray
    wanted: CodeArray
    reasoned: BoolArray
    signed_day: IntArray
    signed_tier: CodeArray
    open_p1: BoolArray

    @classmethod
    def nobody(cls, size: int) -> Pulses:
        """n accounts without a pulse."""
        days, codes = np.full(size, NO_DAY, dtype=np.int64), np.full(size, UNANSWERED, dtype=np.int8)
        tiers, flags = np.full(size, NONE, dtype=np.int8), np.zeros(size, dtype=bool)
        return cls(days, codes, codes, codes, tiers, flags, days, tiers, flags)


@dataclass(frozen=True, slots=True)
class OverlayWeek:
    """What the rule makes of n accounts at a date; one value per account.

    rule: code into RULES. tier: tier code to show, NONE where the computed one is shown. pulse: code into PULSES.
    until: last `as_of` at which the pulse has force, NO_DAY without a pulse. opinion: tier that the pulse speaks
    for, NONE when it says nothing. divergence: -1 the pulse is worse than the numbers, 1 better, 0 neither. lift:
    code into LIFTS. lift_until: last `as_of` of a lift that is given, NO_DAY for none.
    """

    account_ids: TextArray
    pulses: Pulses
    rule: CodeArray
    tier: CodeArray
    pulse: CodeArray
    until: IntArray
    opinion: CodeArray
    divergence: CodeArray
    lift: CodeArray
    lift_until: IntArray

    def decided(self) -> Decided:
        """What the ledger compares from week to week."""
        return Decided(self.account_ids, texts(RULES)[self.rule], self.tier)


@dataclass(frozen=True, slots=True)
class Decided:
    """Name of the rule that decides the tier shown per account ("" for none), and that tier (NONE for none)."""

    account_ids: TextArray
    rule: TextArray
    tier: CodeArray

    @classmethod
    def nobody(cls, account_ids: TextArray) -> Decided:
        """Accounts whose computed tier is shown."""
        size = len(account_ids)
        return cls(account_ids, texts([""] * size), np.full(size, NONE, dtype=np.int8))

    def take(self, account_ids: TextArray, rows: IntArray) -> Decided:
        """Of these accounts, found at `rows` (-1: not here, so nothing decides)."""
        found, made = rows >= 0, Decided.nobody(account_ids)
        made.rule[found], made.tier[found] = self.rule[rows[found]], self.tier[rows[found]]
        return made


def overlay(
    rule: Overlay,
    pulses: Pulses,
    *,
    as_of: int,
    account_ids: TextArray,
    computed: CodeArray,
    tiers: CodeArray,
    attributes: Attributes,
    hard_ceiling: CodeArray,
) -> OverlayWeek:
    """The tier to show at `as_of` (a local day number) for accounts with these computed tiers.

    tiers: the model's tier codes, worst first; a tier that it does not have becomes the next worse one.
    attributes: account state (`notice_given`, and what scopes and cadences name). hard_ceiling: best tier that
    hard events of the model allow.
    """
    size = len(account_ids)
    inside = in_scope(rule.scope, attributes, size)
    there = inside & (pulses.day != NO_DAY)
    _, valid = terms(rule, computed, attributes)
    until = np.where(pulses.day != NO_DAY, pulses.day + valid, NO_DAY)
    in_force = there & (as_of <= until)
    scored = computed >= 0
    says = opinion(pulses, computed)
    at_most, which = _limits(rule, pulses)
    at_most = _in_model(at_most, tiers)
    capped = in_force & scored & (which != STANDS) & (at_most < computed)
    lift = _lift(rule, pulses, as_of, computed, attributes, hard_ceiling)
    lift[~in_force | ~scored | (which != STANDS)] = NOT_WANTED
    goal = _next_better(computed, tiers)
    further = np.minimum(pulses.wanted, pulses.signed_tier)
    lift[(lift == GIVEN) & ((goal == NONE) | (goal > further))] = NOT_WANTED
    lift[(lift == GIVEN) & (goal > hard_ceiling)] = HARD_EVENT
    given = lift == GIVEN
    return OverlayWeek(
        account_ids=account_ids,
        pulses=pulses,
        rule=np.where(capped, which, np.where(given, LIFTED, STANDS)).astype(np.int8),
        tier=np.where(capped, at_most, np.where(given, goal, NONE)).astype(np.int8),
        pulse=np.select([~inside, ~there, in_force], [OUT_OF_SCOPE, NO_PULSE, IN_FORCE], EXPIRED).astype(
            np.int8
        ),
        until=until,
        opinion=says,
        divergence=np.where(in_force, divergence(says, computed), 0).astype(np.int8),
        lift=lift,
        lift_until=np.where(given, np.minimum(until, pulses.signed_day + rule.lift_days), NO_DAY),
    )


def opinion(pulses: Pulses, computed: CodeArray) -> CodeArray:
    """The tier that a pulse speaks for, Healthy at best; NONE without a pulse or without any answer.

    The wanted tier where one is given; a missing sponsor speaks for Watch at best whatever is wanted. Else the
    answers speak for a range, and the tier in it that is nearest to the computed one counts, so that a pulse
    between two tiers does not diverge from either: At Risk with sponsor and narrative missing; At Risk to Watch with
    any answer at its worst or a sponsor at risk; Healthy with three answers at their best; else Watch to Healthy.
    """
    answers = np.stack([pulses.sponsor, pulses.engagement, pulses.narrative], axis=1)
    both = (pulses.sponsor == 0) & (pulses.narrative == 0)
    weak = (answers == 0).any(axis=1) | (pulses.sponsor == 1)
    low = np.select([weak, (answers == 2).all(axis=1)], [AT_RISK, HEALTHY], WATCH)
    high = np.select([both, weak], [AT_RISK, WATCH], HEALTHY)
    wanted = pulses.wanted != NONE
    asked = np.minimum(pulses.wanted, np.where(pulses.sponsor == 0, high, HEALTHY))
    numbers = np.where(computed >= 0, np.minimum(computed, HEALTHY), high)
    said = np.where(wanted, asked, np.clip(numbers, low, high))
    silent = (pulses.day == NO_DAY) | (~wanted & (answers == UNANSWERED).all(axis=1))
    return np.where(silent, NONE, said).astype(np.int8)


def divergence(opinions: CodeArray, computed: CodeArray) -> CodeArray:
    """-1 where the pulse speaks for a worse tier than the numbers, 1 for a better one, else 0.

    Growth counts as Healthy: it asks for more than health. 0 without an opinion or without a score.
    """
    compared = (opinions >= 0) & (computed >= 0)
    return np.where(compared, np.sign(opinions - np.minimum(computed, HEALTHY)), 0).astype(np.int8)


def terms(rule: Overlay, computed: CodeArray, attributes: Attributes) -> tuple[IntArray, IntArray]:
    """(days after which the next pulse is due, days that a pulse has force) per account."""
    size = len(computed)
    every = np.full(size, rule.every_days, dtype=np.int64)
    valid = np.full(size, rule.valid_days, dtype=np.int64)
    open_still = np.ones(size, dtype=bool)
    for cadence in rule.cadence:
        fits = open_still & in_scope(cadence.when, attributes, size)
        if cadence.tiers:
            fits &= np.isin(computed, [TIER_CODES[name] for name in cadence.tiers])
        every[fits], valid[fits] = cadence.every_days, cadence.valid_days
        open_still &= ~fits
    return every, valid


def taken(pulses: Pulses, rows: IntArray) -> Pulses:
    """The pulses at `rows`, -1 for an account without one."""
    found, empty = rows >= 0, Pulses.nobody(len(rows))
    made: dict[str, AnyArray] = {}
    for column in fields(Pulses):
        made[column.name] = getattr(empty, column.name).copy()
        made[column.name][found] = getattr(pulses, column.name)[rows[found]]
    return Pulses(**made)


def _limits(rule: Overlay, pulses: Pulses) -> tuple[CodeArray, CodeArray]:
    """(best tier, line of the rule that says so) for pulses with a missing sponsor; STANDS for the others."""
    gone = pulses.sponsor == 0
    both = gone & (pulses.narrative == 0)
    one, two = TIER_CODES[rule.sponsor_missing_at_most], TIER_CODES[rule.both_missing_at_most]
    # Losing more never shows better, however the two limits are set.
    at_most = np.where(both, min(one, two), np.where(gone, one, NONE))
    which = np.where(both, BOTH_MISSING, np.where(gone, SPONSOR_MISSING, STANDS))
    return at_most.astype(np.int8), which.astype(np.int8)


def _lift(
    rule: Overlay,
    pulses: Pulses,
    as_of: int,
    computed: CodeArray,
    attributes: Attributes,
    hard_ceiling: CodeArray,
) -> CodeArray:
    """Code into LIFTS, as if every pulse were in force; the first thing in the way is named."""
    size = len(computed)
    wanted = pulses.wanted > computed
    signed = pulses.signed_day != NO_DAY
    notice = in_scope({"notice_given": True}, attributes, size)
    return np.select(
        [
            ~wanted,
            computed >= HEALTHY,
            np.full(size, not rule.lift),
            ~pulses.reasoned,
            notice,
            pulses.open_p1,
            hard_ceiling <= computed,
            ~signed | (pulses.signed_tier <= computed),
            as_of > pulses.signed_day + rule.lift_days,
        ],
        [
            NOT_WANTED,
            INTO_GROWTH,
            SWITCHED_OFF,
            NO_REASON,
            NOTICE,
            OPEN_P1,
            HARD_EVENT,
            NOT_SIGNED,
            SIGNATURE_EXPIRED,
        ],
        GIVEN,
    ).astype(np.int8)


def _next_better(computed: CodeArray, tiers: CodeArray) -> CodeArray:
    """The model's next better tier, not better than Healthy; NONE where there is none."""
    table = np.full(len(TIER_CODES), NONE, dtype=np.int8)
    for code in range(AT_RISK, HEALTHY):
        better = [t for t in tiers.tolist() if code < t <= HEALTHY]
        table[code] = better[0] if better else NONE
    return np.where(computed >= 0, table[np.maximum(computed, 0)], NONE).astype(np.int8)


def _in_model(codes: CodeArray, tiers: CodeArray) -> CodeArray:
    """Tier codes as the model has them: one that it does not have is the next worse one. NONE stays."""
    place = np.maximum(np.searchsorted(tiers, codes, "right") - 1, 0)
    return np.where(codes < 0, codes, tiers[place]).astype(np.int8)
