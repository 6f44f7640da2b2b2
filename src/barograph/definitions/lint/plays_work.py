"""Rules on the work of a play: who owns it, by when, and whether its success means anything."""

from __future__ import annotations

from collections.abc import Iterator

from barograph.definitions.lint.play_rule import PlayContext, PlayRule, place
from barograph.definitions.lint.rule import Finding
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play, Step
from barograph.definitions.play_match import trigger_components
from barograph.definitions.play_trigger import (
    ComponentBelow,
    SignalsMeet,
    TierEntered,
    TierHeld,
)

CALENDAR_PER_WORKING_DAY = 7 / 5


class WorkHasAnOwner(PlayRule):
    id = "BG-E105"
    severity = "error"
    title = "service level, or step, without an owner rule"
    reason = "A promise that nobody keeps is worse than none (P2)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            loose = [
                step.name for step in play.steps if step.channel == "person" and play.owner_of(step) is None
            ]
            if loose and play.sla.asks:
                yield self.found(
                    place(play, "sla"),
                    f"it promises times, and nobody owns {', '.join(loose)}.",
                    'Give the play an [owner], for example rule = "csm".',
                )
            elif loose:
                yield self.found(
                    place(play, f'step "{loose[0]}"'),
                    f"nobody owns {', '.join(loose)}.",
                    "Give the play an [owner], or each of these steps one.",
                )


class SuccessIsNotTheTrigger(PlayRule):
    id = "BG-E106"
    severity = "error"
    title = "success that is already so when the play starts"
    reason = "It would always succeed, whatever anybody did (G1)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            message = _already_so(play, context.model)
            if message:
                yield self.found(
                    place(play, "success"), message, "Ask for something that is not so at the start."
                )


def _already_so(play: Play, model: ScoreModel) -> str | None:
    """What is wrong when every test of the success can hold in the week in which the play starts."""
    success, trigger = play.success, play.trigger
    if success is None or success.outcome or success.touched or success.person_says:
        return None
    parts = [_tier_already(play, model)] if success.tier_at_least is not None else []
    if isinstance(trigger, ComponentBelow):
        own = trigger_components(trigger, model)
        for test in success.components:
            same = test.component in own or test.category in trigger.categories
            parts.append(same and test.at_least < trigger.below)
    else:
        parts += [False for _ in success.components]
    asked = (*trigger.all_of, *trigger.any_of) if isinstance(trigger, SignalsMeet) else ()
    parts += [test in asked for test in success.signals]
    return "everything that it asks for can be so when the play starts." if parts and all(parts) else None


def _tier_already(play: Play, model: ScoreModel) -> bool:
    """Whether the trigger starts the play on the tier that is its success. A good tier that is about to be left is
    another matter: to keep it is a success."""
    order = [tier.name for tier in model.tiers]
    wanted = play.success.tier_at_least if play.success is not None else None
    if wanted not in order or not isinstance(play.trigger, TierEntered | TierHeld):
        return False
    known = [name for name in play.trigger.tiers if name in order]
    return bool(known) and all(order.index(name) >= order.index(wanted) for name in known)


class HasASuccess(PlayRule):
    id = "BG-W103"
    severity = "warning"
    title = "play without a success condition"
    reason = "Nobody could say whether it works (G1)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            if play.success is None:
                yield self.found(place(play), "it does not say what success is.", "Add [success].")


class BreachIsHeard(PlayRule):
    id = "BG-W104"
    severity = "warning"
    title = "service level that nobody hears of when it is broken"
    reason = "A clock without an escalation only counts (P4)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            if play.sla.asks and play.sla.escalate_to is None:
                yield self.found(
                    place(play, "sla"),
                    "there are times and no escalate_to.",
                    'Add escalate_to = {rule = "lead"}.',
                )


class TouchHasAStep(PlayRule):
    id = "BG-W105"
    severity = "warning"
    title = "customer touch promised, and no step towards the customer"
    reason = "Time to intervene ends at a logged touch, and no step asks for one (P4)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            asked = any(part.touch_days is not None for part in (play.sla, *play.sla.rules))
            if asked and not any(s.customer_facing and s.channel == "person" for s in play.steps):
                yield self.found(
                    place(play, "sla > touch_days"),
                    "no step of a person is customer-facing.",
                    "Mark the step that speaks with the customer.",
                )


class CheckComesAfterTheWork(PlayRule):
    id = "BG-W106"
    severity = "warning"
    title = "success is checked before the last step is due"
    reason = "It would be judged before it was tried."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            if play.success is None:
                continue
            last = max((_calendar_days(step) for step in play.steps if not step.before_date), default=0.0)
            if play.success.check_after_days < last:
                yield self.found(
                    place(play, "success > check_after_days"),
                    f"{play.success.check_after_days} days, and the last step is due after {last:.0f}.",
                    "Check later, or let the steps be due earlier.",
                )


def _calendar_days(step: Step) -> float:
    return step.due_days * (CALENDAR_PER_WORKING_DAY if step.days == "working" else 1.0)


class RescueIsNoExperiment(PlayRule):
    id = "BG-W109"
    severity = "warning"
    title = "hold-out on the most urgent plays"
    reason = "Left out at random are accounts that are being lost; a delayed start may tell the effect as well (G1)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            if play.hold_out.share > 0 and play.hold_out.delay_days is None and play.priority == 1:
                yield self.found(
                    place(play, "hold_out"),
                    f"{play.hold_out.share:.0%} of the accounts get nothing, at priority 1.",
                    "Give delay_days, or hold out on a play that is less urgent.",
                )


WORK_RULES: tuple[PlayRule, ...] = (
    WorkHasAnOwner(),
    SuccessIsNotTheTrigger(),
    HasASuccess(),
    BreachIsHeard(),
    TouchHasAStep(),
    CheckComesAfterTheWork(),
    RescueIsNoExperiment(),
)
