"""Lint of plays, against the model that they are for: what has no play, and everything that any rule finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barograph.definitions.lint.play_rule import PlayContext, PlayRule, place
from barograph.definitions.lint.plays_reach import REACH_RULES
from barograph.definitions.lint.plays_work import WORK_RULES
from barograph.definitions.lint.rule import Finding
from barograph.definitions.lint.schema import KnownColumns, Schema
from barograph.definitions.model import ScoreModel
from barograph.definitions.nearest import nearest
from barograph.definitions.play import Play
from barograph.definitions.play_cadence import PlaySettings
from barograph.definitions.play_match import served_components
from barograph.definitions.play_trigger import TierEntered, TierHeld, TrajectoryIs


class EveryTierHasAPlay(PlayRule):
    id = "BG-E101"
    severity = "error"
    title = "tier without a play"
    reason = "A change into a tier in which nothing happens is a colour, not work (P1)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        served: set[str] = set()
        for play in context.enabled:
            match play.trigger:
                case TierEntered(tiers=tiers) | TierHeld(tiers=tiers):
                    served |= set(tiers)
                case TrajectoryIs(heading="long_on_watch"):
                    served.add("watch")
                case TrajectoryIs(heading="about_to_turn"):
                    served.add("healthy")
                case _:
                    pass
        for tier in context.model.tiers:
            if tier.name not in served:
                yield self.found(
                    f'tier "{tier.name}"',
                    "no play starts from it.",
                    f'Add a play with on = "tier_entered" and tiers = ["{tier.name}"].',
                )


class EveryComponentHasAPlay(PlayRule):
    id = "BG-E102"
    severity = "error"
    title = "component without a play"
    reason = "When it falls, somebody must know what to do about it (P1)."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        served = {name for play in context.enabled for name in served_components(play, context.model)}
        scored = {signal.component for signal in context.model.scored}
        for component in context.model.components:
            if component.name in scored and component.name not in served:
                yield self.found(
                    f'component "{component.name}"',
                    "no play works on it.",
                    f'Add a play with on = "component_below" and components = ["{component.name}"], '
                    "or name it in serves of one that does.",
                )


class OneChangeOnePlay(PlayRule):
    id = "BG-W108"
    severity = "warning"
    title = "two plays that start from the same change for the same accounts"
    reason = "One change would open both, and two people call the customer."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        seen: list[Play] = []
        for play in context.enabled:
            twin = next((p for p in seen if p.trigger == play.trigger and p.audience == play.audience), None)
            if twin is not None and play.trigger.on != "manual":
                yield self.found(
                    place(play, "trigger"),
                    f'"{twin.name}" has the same trigger and audience.',
                    "Make one of them, or tell their audiences apart.",
                )
            seen.append(play)


class CadenceRunsAPlay(PlayRule):
    id = "BG-E109"
    severity = "error"
    title = "cadence that runs a play which is not there"
    reason = "The duty would come to nothing."

    def check(self, context: PlayContext) -> Iterator[Finding]:
        names = [play.name for play in context.plays]
        for row in context.settings.rows:
            for duty in row.duties:
                if duty.play is not None and duty.play not in names:
                    guess = nearest(duty.play, names)
                    yield self.found(
                        f'row "{row.state}" > duty "{duty.name}" > play',
                        f'there is no play "{duty.play}".',
                        f'Nearest: "{guess}".' if guess else "Add it, or leave play out.",
                    )


PLAY_RULES: tuple[PlayRule, ...] = tuple(
    sorted(
        (
            EveryTierHasAPlay(),
            EveryComponentHasAPlay(),
            OneChangeOnePlay(),
            CadenceRunsAPlay(),
            *REACH_RULES,
            *WORK_RULES,
        ),
        key=lambda rule: rule.id,
    )
)


def lint_plays(
    plays: Sequence[Play],
    model: ScoreModel,
    settings: PlaySettings | None = None,
    known_columns: KnownColumns | None = None,
) -> list[Finding]:
    """Everything found, errors first, then by rule and play. known_columns: see `lint`."""
    context = PlayContext(plays, model, settings or PlaySettings(), Schema(known_columns))
    findings = [finding for rule in PLAY_RULES for finding in rule.check(context)]
    return sorted(findings, key=lambda f: (f.severity != "error", f.rule))
