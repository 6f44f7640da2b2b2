"""Rules on what a play names: signals, components, tiers, milestones and accounts that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from barograph.definitions.base import SignalTest
from barograph.definitions.lint.play_rule import PlayContext, PlayRule, place, success_tests
from barograph.definitions.lint.rule import Finding
from barograph.definitions.lint.schema import ACCOUNT_STATE
from barograph.definitions.lint.scopes import attribute_problem
from barograph.definitions.nearest import nearest
from barograph.definitions.play_match import component_categories, trigger_components, trigger_signals
from barograph.definitions.play_trigger import (
    BeforeDate,
    ComponentBelow,
    SignalsMeet,
    TierEntered,
    TierHeld,
    TierLeft,
)


def _known(name: str, names: Iterable[str], what: str) -> str:
    listed = list(names)
    guess = nearest(name, listed)
    return f'Nearest: "{guess}".' if guess else f"The model has the {what}s {', '.join(listed) or 'none'}."


class SignalIsInTheModel(PlayRule):
    id = "BG-E103"
    severity = "error"
    title = "play on a signal that the model does not have"
    reason = "It could never fire, or never succeed."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        names = [signal.name for signal in context.model.signals]
        for play in context.plays:
            used = [("trigger", name) for name in trigger_signals(play.trigger)]
            used += [("success > signals", test.signal) for test in success_tests(play)]
            for key, name in used:
                if name not in names:
                    yield self.found(
                        place(play, key), f'there is no signal "{name}".', _known(name, names, "signal")
                    )


class ComponentIsInTheModel(PlayRule):
    id = "BG-E104"
    severity = "error"
    title = "play on a component that the model does not have"
    reason = "It could never fire, or never succeed."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        names = [component.name for component in context.model.components]
        for play in context.plays:
            used = [("serves", name) for name in play.serves]
            if isinstance(play.trigger, ComponentBelow):
                used += [("trigger > components", name) for name in play.trigger.components]
            if play.success is not None:
                used += [
                    ("success > components", test.component)
                    for test in play.success.components
                    if test.component is not None
                ]
            for key, name in used:
                if name not in names:
                    yield self.found(
                        place(play, key),
                        f'there is no component "{name}".',
                        _known(name, names, "component"),
                    )


class CanFire(PlayRule):
    id = "BG-E107"
    severity = "error"
    title = "play that can never fire"
    reason = "Its audience leaves out everybody whom its trigger means."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            audience, trigger = play.audience, play.trigger
            if isinstance(trigger, TierEntered | TierHeld):
                reached = set(trigger.tiers)
            elif isinstance(trigger, TierLeft) and trigger.to_tiers:
                reached = set(trigger.to_tiers)
            else:
                reached = set()
            if audience.tiers and reached and not reached & set(audience.tiers):
                yield self.found(
                    place(play, "audience > tiers"),
                    f"{', '.join(audience.tiers)} is none of {', '.join(sorted(reached))}.",
                    "Leave tiers out, or name one of the trigger's.",
                )
            low, high = audience.arr_at_least, audience.arr_below
            if low is not None and high is not None and low >= high:
                yield self.found(
                    place(play, "audience"),
                    f"arr_at_least = {low:g} is not below arr_below = {high:g}.",
                    "Correct one of the two.",
                )


class MilestoneIsThere(PlayRule):
    id = "BG-E108"
    severity = "error"
    title = "step of a milestone that the trigger does not have"
    reason = "The step would never be made."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            for step in play.steps:
                if step.milestone is not None and step.milestone not in play.milestones:
                    there = ", ".join(str(days) for days in play.milestones)
                    known = f"The trigger has {there}." if there else "Only date triggers have milestones."
                    yield self.found(
                        place(play, f'step "{step.name}" > milestone'),
                        f"{step.milestone} is none.",
                        f"{known} Correct one of the two.",
                    )
            empty = [m for m in play.milestones if not play.steps_at(m)]
            if empty:
                yield self.found(
                    place(play, "trigger > days_before"),
                    f"no step belongs to {', '.join(str(m) for m in empty)} days before.",
                    "Add a step, or take the milestone out.",
                )


class TestAsksSomething(PlayRule):
    id = "BG-E110"
    severity = "error"
    title = "test without a bound"
    reason = "A test that asks nothing holds for every account that has a value."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            trigger = play.trigger
            asked = (*trigger.all_of, *trigger.any_of) if isinstance(trigger, SignalsMeet) else ()
            for key, test in [
                *(("trigger", t) for t in asked),
                *(("success > signals", t) for t in success_tests(play)),
            ]:
                if test == SignalTest(signal=test.signal):
                    yield self.found(
                        place(play, key),
                        f'the test of "{test.signal}" has no bound.',
                        "Add one of at_least, at_most, above, below, missing.",
                    )


class TierIsInTheModel(PlayRule):
    id = "BG-W101"
    severity = "warning"
    title = "play on a tier that the model does not have"
    reason = "It waits for something that cannot happen."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        names = [*(tier.name for tier in context.model.tiers), "insufficient"]
        for play in context.plays:
            trigger = play.trigger
            tiers = trigger.tiers if isinstance(trigger, TierEntered | TierLeft | TierHeld) else ()
            for name in tiers:
                if name not in names:
                    yield self.found(
                        place(play, "trigger > tiers"),
                        f'the model has no tier "{name}".',
                        f"It has {', '.join(names[:-1])}.",
                    )


class CategoryIsInTheModel(PlayRule):
    id = "BG-W102"
    severity = "warning"
    title = "play on a category that no component of the model stands for"
    reason = "It can never fire with this model; with another it may."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        there = set(component_categories(context.model).values())
        for play in context.plays:
            trigger = play.trigger
            if isinstance(trigger, ComponentBelow) and not trigger_components(trigger, context.model):
                missing = [c for c in trigger.categories if c not in there]
                if missing:
                    yield self.found(
                        place(play, "trigger > categories"),
                        f"no component is made mostly of {', '.join(missing)}.",
                        f"There are {', '.join(sorted(there))}; or switch the play off.",
                    )


class AudienceIsThere(PlayRule):
    id = "BG-W107"
    severity = "warning"
    title = "audience by an attribute that accounts do not have"
    reason = "It matches no account."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        for play in context.plays:
            named = [("where", name) for name in play.audience.where]
            named += [("unless", name) for name in play.audience.unless]
            for key, name in named:
                problem = attribute_problem(context.schema, name)
                if problem:
                    yield self.found(
                        place(play, f"audience > {key}"),
                        problem,
                        f"Known: {', '.join(ACCOUNT_STATE)} and your own attributes.",
                    )


class DateHasADate(PlayRule):
    id = "BG-W110"
    severity = "warning"
    title = "contract date asked of accounts without contracts"
    reason = "Without contracts there is no day to count to."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        if "contracts" in context.schema.tables:
            return
        for play in context.enabled:
            if isinstance(play.trigger, BeforeDate):
                yield self.found(
                    place(play, "trigger"),
                    "your data has no contracts.",
                    "Switch the play off: enabled = false.",
                )


REACH_RULES: tuple[PlayRule, ...] = (
    SignalIsInTheModel(),
    ComponentIsInTheModel(),
    CanFire(),
    MilestoneIsThere(),
    TestAsksSomething(),
    TierIsInTheModel(),
    CategoryIsInTheModel(),
    AudienceIsThere(),
    DateHasADate(),
)
