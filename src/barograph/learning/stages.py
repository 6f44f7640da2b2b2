"""Which label a model may carry, on how many outcomes it stands, and what is missing for the next one.

Gates in resolved / lost decisions: below 30 / 10 heuristic, no probability; from 30 / 10 a heuristic whose
AUC interval excludes chance is a validated heuristic; from 60 / 15 weights may move (blended) if they pass
the acceptance test against the heuristic; from 200 / 50 searched signals may compete (predictive) and must
pass it against whatever is below. The label rises only with its gate, whatever was proposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from barograph.learning.observations import MIN_LOST, MIN_OUTCOMES
from barograph.learning.promotion import Acceptance

Label = Literal["heuristic", "validated_heuristic", "blended", "predictive"]
LABELS: tuple[Label, ...] = ("heuristic", "validated_heuristic", "blended", "predictive")
GATES: dict[Label, tuple[int, int]] = {
    "heuristic": (0, 0),
    "validated_heuristic": (MIN_OUTCOMES, MIN_LOST),
    "blended": (60, 15),
    "predictive": (200, 50),
}
SEGMENT_GATE = (200, 50)


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands between here and `label`: counts where a count is missing, else only the text."""

    label: Label
    outcomes: int
    lost: int
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Stage 0..3, its label, and what is missing for each label above."""

    number: int
    label: Label
    outcomes: int
    lost: int
    missing: tuple[Missing, ...]

    @property
    def headline(self) -> str:
        """One line to stand beside every score."""
        words = {
            "heuristic": "HEURISTIC - not validated",
            "validated_heuristic": "HEURISTIC - validated",
            "blended": "BLENDED - expert and data",
            "predictive": "PREDICTIVE",
        }
        return f"{words[self.label]}, on {self.outcomes} outcomes with {self.lost} lost"


def may_try(label: Label, outcomes: int, lost: int) -> bool:
    """Whether the counts alone allow a model of this label to be fitted and tested."""
    need, need_lost = GATES[label]
    return outcomes >= need and lost >= need_lost and outcomes - lost >= need_lost


def decide(
    outcomes: int,
    lost: int,
    *,
    heuristic_auc_low: float = float("nan"),
    blended: Acceptance | None = None,
    predictive: Acceptance | None = None,
) -> Stage:
    """The highest label whose gate is passed, and for the others what is missing.

    heuristic_auc_low: lower end of the 95 % interval of the heuristic's AUC. blended, predictive: the
    acceptance tests against the model one stage below; None means not run. Predictive does not need blended:
    where there is no expert model it is tested against the base rate."""
    holds: dict[Label, bool] = {"heuristic": True}
    missing: list[Missing] = []
    tests: dict[Label, tuple[bool, str]] = {
        "validated_heuristic": (
            heuristic_auc_low > 0.5,
            "the AUC interval of the heuristic score must lie above .5",
        ),
        "blended": _test(blended),
        "predictive": _test(predictive),
    }
    for label in LABELS[1:]:
        passed, why = tests[label]
        counted = may_try(label, outcomes, lost)
        holds[label] = counted and passed
        if not holds[label]:
            missing.append(_missing(label, outcomes, lost, why if counted else ""))
    if holds["blended"] and not holds["validated_heuristic"]:
        missing = [m for m in missing if m.label != "validated_heuristic"]
    number = max(i for i, label in enumerate(LABELS) if holds[label])
    above = tuple(m for m in missing if LABELS.index(m.label) > number)
    return Stage(number, LABELS[number], outcomes, lost, above)


def _test(found: Acceptance | None) -> tuple[bool, str]:
    if found is None:
        return False, "the acceptance test has not been run"
    return found.promoted, found.reason


def _missing(label: Label, outcomes: int, lost: int, why: str) -> Missing:
    need, need_lost = GATES[label]
    more, more_lost = max(0, need - outcomes), max(0, need_lost - lost)
    more_kept = max(0, need_lost - (outcomes - lost))
    if why:
        return Missing(label, 0, 0, f"{label}: {why}")
    parts = [f"{more} more resolved outcomes"] if more else []
    parts += [f"{more_lost} more lost"] if more_lost else []
    parts += [f"{more_kept} more kept"] if more_kept else []
    text = f"{label}: {' and '.join(parts)} ({outcomes} with {lost} lost; {need} with {need_lost} needed)"
    return Missing(label, more, more_lost, text)
