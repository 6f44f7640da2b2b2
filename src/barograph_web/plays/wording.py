"""Plays in plain words, for people who do not read the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from barograph.definitions import play_trigger as t
from barograph.definitions.play import Audience, OwnerRule, Play, Step, Success

TIERS = {
    "at_risk": "At Risk", "watch": "Watch", "healthy": "Healthy", "growth": "Growth",
    "insufficient": "insufficient data",
}  # fmt: skip
HEADINGS = {
    "about_to_turn": "It is Healthy and about to turn.",
    "long_on_watch": "It is on Watch for 60 of the last 90 days.",
    "declining": "It is declining.",
    "improving": "It is improving.",
}
KINDS = {
    "rescue": "Rescue", "adoption": "Adoption", "re_engagement": "Re-engagement", "onboarding": "Onboarding",
    "renewal": "Renewal", "executive_alignment": "Executive alignment", "expansion": "Expansion",
    "advocacy": "Advocacy", "complacency": "Complacency", "enablement": "Enablement", "recovery": "Recovery",
    "other": "Other",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepWords:
    """One step as a page shows it."""

    title: str
    detail: str
    who: str
    due: str
    customer_facing: bool
    hours: float
    milestone: int | None


@dataclass(frozen=True, slots=True)
class PlayWords:
    """A play as a page shows it."""

    name: str
    title: str
    kind: str
    purpose: str
    enabled: bool
    priority: int
    trigger: str
    audience: str
    steps: tuple[StepWords, ...]
    success: str
    levels: str
    cool_down_days: int
    hold_out: str


def in_words(play: Play) -> PlayWords:
    """The whole play."""
    return PlayWords(
        name=play.name,
        title=play.title,
        kind=KINDS[play.kind],
        purpose=play.purpose,
        enabled=play.enabled,
        priority=play.priority,
        trigger=trigger_words(play.trigger),
        audience=audience_words(play.audience),
        steps=tuple(_step(play, step) for step in play.steps),
        success="" if play.success is None else success_words(play.success),
        levels=_levels(play),
        cool_down_days=play.cool_down_days,
        hold_out=_hold_out(play),
    )


def trigger_words(trigger: Any) -> str:
    """What starts it, as a sentence."""
    match trigger:
        case t.TierEntered():
            out = f" out of {_tiers(trigger.from_tiers)}" if trigger.from_tiers else ""
            return f"It enters {_tiers(trigger.tiers)}{out}."
        case t.TierLeft():
            to = f" for {_tiers(trigger.to_tiers)}" if trigger.to_tiers else ""
            return f"It leaves {_tiers(trigger.tiers)}{to}."
        case t.TierHeld():
            of = f" of the last {trigger.of_days}" if trigger.of_days else ""
            return f"It is on {_tiers(trigger.tiers)} for {trigger.for_days}{of} days."
        case t.ComponentBelow():
            which = " or ".join([*trigger.components, *(f"a component of {c}" for c in trigger.categories)])
            weeks = f" for {trigger.for_weeks} weeks" if trigger.for_weeks > 1 else ""
            return f"{_first(which)} is below {trigger.below:g}{weeks}."
        case t.ScoreChange():
            way = "falls" if trigger.direction == "down" else "rises"
            return f"The score {way} by {trigger.points:g} points within {_weeks(trigger.over_weeks)}."
        case t.SignalChange():
            way = "falls" if trigger.direction == "down" else "rises"
            by = f"{trigger.by:.0%}" if trigger.measure == "share" else f"{trigger.by:g}"
            return f"{_first(trigger.signal)} {way} by {by} within {_weeks(trigger.over_weeks)}."
        case t.SignalsMeet():
            parts = [test.sentence() for test in trigger.all_of]
            if trigger.any_of:
                parts.append("(" + " or ".join(test.sentence() for test in trigger.any_of) + ")")
            weeks = f" for {trigger.for_weeks} weeks" if trigger.for_weeks > 1 else ""
            return f"{_first(' and '.join(parts))}{weeks}."
        case t.BeforeDate():
            date = "the opt-out deadline" if trigger.before == "opt_out" else "the renewal"
            return f"{', '.join(str(d) for d in trigger.days_before)} days before {date}."
        case t.LifecycleStage():
            return f"It comes into {' or '.join(trigger.stages)}."
        case t.PulseSays():
            asked = {
                "sponsor": trigger.sponsor_status, "executive": trigger.executive_engagement,
                "narrative": trigger.outcome_narrative,
            }  # fmt: skip
            said = [f"{name} {' or '.join(a).replace('_', ' ')}" for name, a in asked.items() if a]
            return f"A pulse says: {', '.join(said)}."
        case t.TrajectoryIs():
            return HEADINGS[trigger.heading]
        case _:
            return "A person starts it."


def audience_words(audience: Audience) -> str:
    """For which accounts, as a sentence."""
    parts = [f"{name} {_any(value)}" for name, value in audience.where.items()]
    parts += [f"not {name} {_any(value)}" for name, value in audience.unless.items()]
    if audience.tiers:
        parts.append(f"on {_tiers(audience.tiers)}")
    if audience.arr_at_least is not None:
        parts.append(f"revenue of {audience.arr_at_least:,.0f} or more")
    if audience.arr_below is not None:
        parts.append(f"revenue below {audience.arr_below:,.0f}")
    if audience.notice_given is not None:
        parts.append("notice given" if audience.notice_given else "no notice given")
    return f"{_first(', '.join(parts))}." if parts else "All accounts."


def success_words(success: Success) -> str:
    """What is looked at, and when."""
    parts = []
    if success.tier_at_least:
        parts.append(f"{TIERS[success.tier_at_least]} or better for {_weeks(success.held_weeks)}")
    parts += [f"{c.component or c.category} at {c.at_least:g} or more" for c in success.components]
    parts += [test.sentence() for test in success.signals]
    if success.outcome:
        parts.append(" or ".join(success.outcome))
    if success.touched:
        parts.append("a customer touch was logged")
    if success.person_says:
        parts.append(f"a person says yes to: {success.person_says}")
    return f"{_first(' and '.join(parts))}; looked at {success.check_after_days} days after it opened."


def owner_words(rule: OwnerRule | None) -> str:
    """Who gets it."""
    match rule.rule if rule is not None else "csm":
        case "am":
            return "account manager"
        case "lead":
            return "the CSM's lead"
        case "person":
            return rule.person if rule is not None else ""
        case "pool":
            how = "in turn" if rule is not None and rule.choose == "round_robin" else "by open work"
            return f"pool {rule.pool if rule is not None else ''}, {how}"
        case "starter":
            return "who starts it"
        case _:
            return "CSM"


def _step(play: Play, step: Step) -> StepWords:
    if step.before_date:
        due = f"{step.due_days} days before the date"
    elif step.due_days:
        due = f"{step.due_days} {step.days} day{'s' if step.due_days != 1 else ''}"
    else:
        due = "the same day"
    who = f"tech-touch: {step.event}" if step.channel == "tech_touch" else owner_words(play.owner_of(step))
    return StepWords(step.title, step.detail, who, due, step.customer_facing, step.hours, step.milestone)


def _levels(play: Play) -> str:
    if not play.sla.asks:
        return "As the account's tier promises."
    names = {
        "owner_days": "owner", "touch_days": "customer touch", "plan_days": "plan", "resolve_days": "end",
    }  # fmt: skip
    parts = [
        f"{label} within {getattr(play.sla, key):g}" for key, label in names.items() if getattr(play.sla, key)
    ]
    more = f" {len(play.sla.rules)} further rules by tier and revenue." if play.sla.rules else ""
    return f"{_first(', '.join(parts))} working days.{more}" if parts else more.strip()


def _hold_out(play: Play) -> str:
    if not play.hold_out.share:
        return ""
    what = f"begins {play.hold_out.delay_days} days later" if play.hold_out.delay_days else "is left out"
    return f"For a random {play.hold_out.share:.0%} of accounts it {what}, so that its effect can be told."


def _tiers(tiers: tuple[str, ...]) -> str:
    return " or ".join(TIERS[tier] for tier in tiers)


def _weeks(number: int) -> str:
    return "a week" if number == 1 else f"{number} weeks"


def _any(value: Any) -> str:
    return " or ".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]
