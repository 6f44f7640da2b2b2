"""The form of a draft: weights by component, ranges and bands of each signal, lines between tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from barograph.definitions.describe import describe_scope, describe_signal
from barograph.definitions.model import ScoreModel
from barograph.definitions.normalise import BandedShape, PercentileShape
from barograph.definitions.signal import Signal
from barograph_web.scoring import forms_rules
from barograph_web.scoring.editing import Edit, shape_fields
from barograph_web.scoring.models import Tier
from barograph_web.scoring.shapes import curve

_UNITS = {
    "share": "share, 0.5 is 50 %",
    "change": "change, 0.1 is +10 %",
    "yes_no": "1 yes, 0 no",
    "money": "reporting currency",
}
_WORDS = {"zero": "0 points at", "full": "100 points at", "half_life": "halved every"}


@dataclass(frozen=True, slots=True)
class Row:
    """One signal in the form. numbers: the fields of its shape; rank: a rank among peers, with nothing to edit."""

    name: str
    label: str
    measures: str
    unit: str
    curve: str
    weight: forms.BoundField
    numbers: tuple[forms.BoundField, ...]
    rank: bool
    problem: str
    variants: tuple[tuple[str, list[forms.BoundField]], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One component of the form, or the candidates."""

    label: str
    meaning: str
    rows: tuple[Row, ...]
    weight: float


class DraftForm(forms.Form):
    """Numbers of a model. `edit()` gives what was filled in."""

    min_coverage = forms.FloatField(
        min_value=0,
        max_value=1,
        label="Share of the weight that must be known",
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )

    def __init__(self, model: ScoreModel, data: Any = None) -> None:
        self.model = model
        self.problems: dict[str, str] = {}
        super().__init__(data, initial={"min_coverage": model.min_coverage})
        for signal in model.signals:
            self._number(
                f"weight__{signal.name}",
                signal.weight,
                f"Points of {signal.label}",
                low=0,
                high=100,
                step="1",
            )
            for key, value in shape_fields(signal.normalise).items():
                self._number(f"shape__{signal.name}__{key}", value, _label(signal, key))
        for tier in model.tiers:
            self._number(f"line__{tier.name}", tier.from_score, f"{tier.label} from", low=0, high=100)
        for i, rule in enumerate(model.thresholds):
            for name, line in rule.from_score.items():
                self._number(f"own__{i}__{name}", line, f"{Tier(name).label} from", low=0, high=100)
        self.fields.update(forms_rules.rule_fields(model))

    def _number(
        self,
        name: str,
        value: float,
        label: str,
        *,
        low: float | None = None,
        high: float | None = None,
        step: str = "any",
    ) -> None:
        field = forms.FloatField(min_value=low, max_value=high, label=label, initial=f"{value:.10g}")
        field.widget.attrs.update({"step": step, "inputmode": "decimal"})
        if name.startswith("weight__"):
            field.widget.attrs["data-weight"] = ""
        self.fields[name] = field

    def edit(self) -> Edit:
        """What was filled in, as numbers."""
        clean: Mapping[str, Any] = self.cleaned_data
        weights, lines = {}, {}
        shapes: dict[str, dict[str, float]] = {}
        own: dict[tuple[int, str], float] = {}
        for name, value in clean.items():
            match name.split("__"):
                case ["weight", signal]:
                    weights[signal] = value
                case ["shape", signal, key]:
                    shapes.setdefault(signal, {})[key] = value
                case ["line", tier]:
                    lines[tier] = value
                case ["own", position, tier]:
                    own[int(position), tier] = value
        return Edit(weights, shapes, lines, own, clean["min_coverage"], forms_rules.rules_of(clean))

    def say(self, problems: Mapping[str, str]) -> None:
        """Put what `EditError` says beside its fields."""
        for place, text in problems.items():
            kind, _, name = place.partition(":")
            field = {"weight": f"weight__{name}", "line": f"line__{name}"}.get(kind)
            if kind == "shape":
                self.problems[name] = text
                self.add_error(None, f"{name}: {text}")
            else:
                self.add_error(field, text)

    def groups(self) -> list[Group]:
        """Components with their signals, those without weight last."""
        found = []
        for component in self.model.components:
            inside = [s for s in self.model.scored if s.component == component.name]
            if inside:
                rows = tuple(self._row(s) for s in inside)
                found.append(Group(component.label, component.meaning, rows, sum(s.weight for s in inside)))
        homes = {c.name for c in self.model.components}
        rest = [s for s in self.model.scored if s.component not in homes]
        if rest:
            found.append(
                Group("Without a component", "", tuple(map(self._row, rest)), sum(s.weight for s in rest))
            )
        return found

    def candidates(self) -> list[Row]:
        """Signals that are computed and carry no weight."""
        return [self._row(s) for s in self.model.candidates]

    def lines(self) -> list[forms.BoundField]:
        """Where each tier begins, worst first; the worst begins at 0 as a rule."""
        return [self[f"line__{tier.name}"] for tier in self.model.tiers]

    def own_lines(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Lines that hold for some accounts only: whom, and the fields."""
        return [
            (describe_scope(rule.when), [self[f"own__{i}__{name}"] for name in rule.from_score])
            for i, rule in enumerate(self.model.thresholds)
        ]

    def levels(self) -> list[forms_rules.Levels]:
        """Service levels by tier."""
        return forms_rules.levels(self, self.model)

    def caps(self) -> list[forms_rules.Limit]:
        """What holds a tier down whatever the score."""
        return forms_rules.caps(self, self.model)

    def gate(self) -> list[forms_rules.Limit]:
        """What the top tier asks for beside the score."""
        return forms_rules.gate(self, self.model)

    def _row(self, signal: Signal) -> Row:
        return Row(
            signal.name,
            signal.label,
            describe_signal(signal),
            _UNITS.get(signal.unit, signal.unit),
            curve(signal.normalise, signal.label, signal.unit),
            self[f"weight__{signal.name}"],
            tuple(self[f"shape__{signal.name}__{key}"] for key in shape_fields(signal.normalise)),
            isinstance(signal.normalise, PercentileShape),
            self.problems.get(signal.name, ""),
            tuple(forms_rules.variants(self, signal)),
        )


def _label(signal: Signal, key: str) -> str:
    if key in _WORDS:
        return _WORDS[key]
    kind, _, position = key.partition("_")
    i, shape = int(position), signal.normalise
    if kind == "below":
        return f"band {i + 1} below"
    last = isinstance(shape, BandedShape) and i == len(shape.bands) - 1
    return "above that, points" if last else f"band {i + 1} points"


class DecisionForm(forms.Form):
    """Approving, going back, sending back: a reason, and where it is needed a second one."""

    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why",
        help_text="Kept with the version and in the journal.",
    )
    override = forms.CharField(
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why the rule is set aside",
        help_text="Needed when the acceptance test did not pass, or to approve a draft of your own. Recorded.",
    )
