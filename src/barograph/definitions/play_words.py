"""Plays in plain words: what starts one, for whom, who does what by when, and what success is.

Fragments without a capital or a full stop, as in `describe`.
"""

from __future__ import annotations

from collections.abc import Sequence

from barograph.definitions.describe import describe_scope
from barograph.definitions.play import Audience, OwnerRule, Play, PlaySla, SlaTimes, Step, Success
from barograph.definitions.play_trigger import (
    BeforeDate,
    ComponentBelow,
    LifecycleStage,
    Manual,
    PulseSays,
    ScoreChange,
    SignalChange,
    SignalsMeet,
    TierEntered,
    TierHeld,
    TierLeft,
    TrajectoryIs,
    Trigger,
)

_TIERS = {
    "at_risk": "At Risk",
    "watch": "Watch",
    "healthy": "Healthy",
    "growth": "Growth",
    "insufficient": "too little known",
}
_HEADINGS = {
    "about_to_turn": "Healthy or better, and about to leave its tier",
    "long_on_watch": "60 of the last 90 days on Watch",
    "declining": "the score is declining",
    "improving": "the score is improving",
}
_TIMES = {
    "owner_days": "an owner",
    "touch_days": "a customer touch",
    "plan_days": "a plan",
    "resolve_days": "the end",
}


def trigger_words(trigger: Trigger) -> str:
    """What starts the play."""
    match trigger:
        case TierEntered():
            origin = f" from {_tiers(trigger.from_tiers)}" if trigger.from_tiers else ""
            return f"the account comes to {_tiers(trigger.tiers)}{origin}"
        case TierLeft():
            goal = f" for {_tiers(trigger.to_tiers)}" if trigger.to_tiers else ""
            return f"the account leaves {_tiers(trigger.tiers)}{goal}"
        case TierHeld():
            span = f" of the last {trigger.of_days}" if trigger.of_days is not None else ""
            return f"on {_tiers(trigger.tiers)} for {trigger.for_days}{span} days"
        case ComponentBelow():
            named = [
                *trigger.components,
                *(f"the component of {category}" for category in trigger.categories),
            ]
            return f"{_either(named)} falls under {trigger.below:g}{_weeks(trigger.for_weeks)}"
        case ScoreChange():
            verb = "falls" if trigger.direction == "down" else "rises"
            return f"the score {verb} by {trigger.points:g} points or more within {trigger.over_weeks} weeks"
        case SignalChange():
            verb = "falls" if trigger.direction == "down" else "rises"
            by = f"{trigger.by:.0%}" if trigger.measure == "share" else f"{trigger.by:g}"
            return f"{trigger.signal} {verb} by {by} or more within {trigger.over_weeks} weeks"
        case SignalsMeet():
            parts = [test.sentence() for test in trigger.all_of]
            if trigger.any_of:
                either = "either " if trigger.all_of and len(trigger.any_of) > 1 else ""
                parts.append(either + _either([test.sentence() for test in trigger.any_of]))
            return f"{' and '.join(parts)}{_weeks(trigger.for_weeks)}"
        case BeforeDate():
            name = "last day to give notice" if trigger.before == "opt_out" else "end of the term"
            return f"{', '.join(str(days) for days in trigger.days_before)} days before the {name}"
        case LifecycleStage():
            return f"the account comes into {_either([stage.replace('_', ' ') for stage in trigger.stages])}"
        case PulseSays():
            asked = {
                "sponsor": trigger.sponsor_status,
                "executive engagement": trigger.executive_engagement,
                "outcome narrative": trigger.outcome_narrative,
            }
            told = [f"{name} {_either(answers)}" for name, answers in asked.items() if answers]
            return f"a pulse says {' and '.join(told)}".replace("_", " ")
        case TrajectoryIs():
            return _HEADINGS[trigger.heading]
        case Manual():
            return "a person starts it"


def audience_words(audience: Audience) -> str:
    """For which accounts."""
    parts = [describe_scope(audience.where)] if audience.where else []
    if audience.unless:
        each = [describe_scope({name: value}) for name, value in audience.unless.items()]
        parts.append(f"not where {_either(each)}")
    if audience.tiers:
        parts.append(f"on {_tiers(audience.tiers)}")
    if audience.arr_at_least is not None:
        parts.append(f"revenue at least {audience.arr_at_least:,.0f}")
    if audience.arr_below is not None:
        parts.append(f"revenue below {audience.arr_below:,.0f}")
    if audience.notice_given is not None:
        parts.append("notice given" if audience.notice_given else "no notice given")
    return ", ".join(parts) or "every account"


def owner_words(owner: OwnerRule | None) -> str:
    """Who gets the work; "nobody" without a rule."""
    if owner is None:
        return "nobody"
    return {
        "csm": "the CSM",
        "am": "the account manager",
        "lead": "the CSM's lead",
        "person": owner.person,
        "pool": f"the pool {owner.pool} ({owner.choose.replace('_', ' ')})",
        "starter": "whoever starts it",
    }[owner.rule]


def step_words(step: Step, owner: OwnerRule | None) -> str:
    """Who does the step, by when, and how."""
    who = f"sends {step.event}" if step.channel == "tech_touch" else owner_words(owner)
    kind = "working day" if step.days == "working" else "day"
    count = f"{step.due_days} {kind}{'' if step.due_days == 1 else 's'}"
    when = f"{count} before the date" if step.before_date else f"within {count}"
    only = f", {step.milestone} days before only" if step.milestone is not None else ""
    facing = ", customer-facing" if step.customer_facing else ""
    return f"{who}, {when}{only}{facing}"


def success_words(success: Success | None) -> str:
    """What must be true at the check; "not said" without one."""
    if success is None:
        return "not said"
    parts = []
    if success.tier_at_least is not None:
        weeks = f" for {success.held_weeks} weeks" if success.held_weeks > 1 else ""
        parts.append(f"{_TIERS[success.tier_at_least]} or better{weeks}")
    for test in success.components:
        parts.append(f"{test.component or f'the component of {test.category}'} at least {test.at_least:g}")
    parts += [test.sentence() for test in success.signals]
    if success.outcome:
        parts.append(_either(success.outcome))
    if success.touched:
        parts.append("a customer touch was logged")
    if success.person_says:
        parts.append(f'a person answers yes to "{success.person_says}"')
    return f"{' and '.join(parts)}, {success.check_after_days} days after the start"


def sla_words(sla: PlaySla) -> str:
    """Service levels in working days; "those of the tier" without any."""
    if not sla.asks:
        return "those of the tier"
    parts = [_times(sla)] if _times(sla) else []
    for rule in sla.rules:
        rich = f" with revenue of {rule.arr_at_least:,.0f} or more" if rule.arr_at_least is not None else ""
        parts.append(f"{_tiers(rule.tiers) or 'any tier'}{rich}: {_times(rule)}")
    told = f"; a breach goes to {owner_words(sla.escalate_to)}" if sla.escalate_to is not None else ""
    return f"{'; '.join(parts)}{told}"


def hold_out_words(play: Play) -> str:
    """How many accounts are left out; "nobody" when it is off."""
    if play.hold_out.share == 0:
        return "nobody"
    delay = play.hold_out.delay_days
    what = "begin nothing" if delay is None else f"begin {delay} days later"
    return f"{play.hold_out.share:.0%} of the accounts {what}"


def _times(times: SlaTimes) -> str:
    given = {words: getattr(times, key) for key, words in _TIMES.items()}
    told = [f"{words} in {days:g}" for words, days in given.items() if days is not None]
    return f"{', '.join(told)} working days" if told else ""


def _tiers(names: Sequence[str]) -> str:
    return _either([_TIERS[name] for name in names])


def _either(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _weeks(weeks: int) -> str:
    return f" for {weeks} weeks" if weeks > 1 else ""
