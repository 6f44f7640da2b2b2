"""What people send here. Every change carries `seen`, the revision that the person was shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from barograph_web.growth.models import (
    Cause,
    Confirmed,
    Consent,
    DealKind,
    Favour,
    Function,
    HandOver,
    Kept,
    Severity,
    UseCaseRequest,
)
from barograph_web.growth.rules import GrowthRules
from barograph_web.growth.services_hand_over import WhyRefused
from barograph_web.plays.people import CANNOT_WORK
from barograph_web.ui.fields import DayInput
from barograph_web.users.models import User

WORKERS = {"required": "Choose somebody.", "invalid_choice": "They do not work on accounts any more."}


def workers() -> QuerySet[User]:
    """Who can be given work, by name."""
    return User.objects.filter(is_active=True).exclude(role__in=CANNOT_WORK).order_by("name")


def text(
    label: str, *, rows: int = 2, required: bool = True, most: int = 4000, **more: Any
) -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label, max_length=most, required=required, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


def person(label: str) -> forms.ModelChoiceField:
    """Somebody who can be given work; the form sets whom."""
    return forms.ModelChoiceField(
        User.objects.none(), label=label, empty_label="Choose somebody", error_messages=WORKERS
    )


def day(label: str, *, required: bool = True, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DayInput, **more)


class MoveForm(forms.Form):
    """A change of one thing. row: the thing as it stands."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Kept, **kwargs: Any) -> None:
        kwargs["initial"] = {**self.first_values(row), "seen": row.revision, **(kwargs.get("initial") or {})}
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}-%s", **kwargs)
        self.row = row
        self.prepare(row)

    def prepare(self, row: Kept) -> None:
        """Choices that depend on the thing."""

    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:  # noqa: ARG004 - most begin empty
        return {}


class WordsForm(MoveForm):
    words = text("In a sentence")


class OptionalWordsForm(MoveForm):
    words = text("Anything to add", required=False)


class RefuseForm(MoveForm):
    why = forms.ChoiceField(label="Reason", choices=WhyRefused.choices)
    words = text("In a sentence", help_text="Whoever asked reads it.")


class SendOnForm(MoveForm):
    to = person("Ask instead")
    words = text("Why")

    def prepare(self, row: Kept) -> None:
        self.fields["to"].queryset = workers().exclude(pk=getattr(row, "to_id", None))  # type: ignore[attr-defined]


class EditDealForm(MoveForm):
    title = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=DealKind.choices)
    amount = forms.FloatField(
        required=False, min_value=0, label="Revenue a year", help_text="In the workspace's currency."
    )
    opened_on = day("Opened on")

    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("title", "kind", "amount", "opened_on")}


class WinForm(MoveForm):
    closed_on = day("Won on")
    words = text("Anything to add", required=False)


class LoseForm(MoveForm):
    closed_on = day("Lost on")
    words = text("Why it was lost")


class EditPlanForm(MoveForm):
    summary = text("What they bought it for", rows=4)

    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:
        return {"summary": getattr(row, "summary", "")}


class GoalFields(forms.Form):
    """What a goal says."""

    title = forms.CharField(max_length=200, label="Goal", help_text="In the customer's words.")
    baseline = forms.FloatField(required=False, label="Begins at")
    target = forms.FloatField(required=False)
    unit = forms.CharField(max_length=60, required=False, help_text="Such as hours a week.")
    due_on = day("Due", required=False)


class EditGoalForm(GoalFields, MoveForm):
    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:
        return {name: getattr(row, name) for name in ("title", "baseline", "target", "unit", "due_on")}


class MeasureForm(MoveForm):
    value = forms.FloatField(label="Measured")
    on = day("On")
    words = text("How it was measured", required=False)


class ConfirmForm(MoveForm):
    who = forms.CharField(max_length=200, label="Confirmed by")
    how = forms.ChoiceField(choices=Confirmed.choices)
    on = day("On")


class AgreeAskForm(MoveForm):
    consent = forms.ModelChoiceField(
        Consent.objects.none(), required=False, empty_label="Choose what they agreed to",
        help_text="Kept under Consents on the account's page of advocates.",
    )  # fmt: skip
    words = text("Anything to add", required=False)

    def prepare(self, row: Kept) -> None:
        found = Consent.objects.filter(account_id=row.account_id, state="standing")
        self.fields["consent"].queryset = found  # type: ignore[attr-defined]


class ChangeEscalationForm(MoveForm):
    owner = person("Owner")
    severity = forms.ChoiceField(choices=Severity.choices)
    functions = forms.MultipleChoiceField(choices=Function.choices, widget=forms.CheckboxSelectMultiple)
    words = text("Why")

    def prepare(self, row: Kept) -> None:  # noqa: ARG002 - everybody can be chosen
        self.fields["owner"].queryset = workers()  # type: ignore[attr-defined]

    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:
        return {
            "owner": getattr(row, "owner_id", None),
            "severity": getattr(row, "severity", ""),
            "functions": getattr(row, "functions", []),
        }


class ResolveForm(MoveForm):
    cause = forms.ChoiceField(choices=[("", "Choose what caused it"), *Cause.choices])
    words = text("How it was settled")

    @staticmethod
    def first_values(row: Kept) -> dict[str, Any]:
        return {"cause": getattr(row, "cause", "")}


class HandOverForm(forms.Form):
    """What the account manager needs."""

    to = person("Account manager")
    kind = forms.ChoiceField(label="It may become", choices=DealKind.choices)
    product = forms.CharField(max_length=200, required=False)
    amount = forms.FloatField(required=False, min_value=0, label="Expected revenue a year")
    request = forms.ModelChoiceField(
        UseCaseRequest.objects.none(),
        required=False,
        label="What they asked for",
        empty_label="Nothing in particular",
    )
    why_now = text("Why now", rows=3)
    talk_to = text("Whom to talk to", rows=4, most=2000)
    achieved = text("What they achieved", rows=3, required=False)
    risks = text("Open risks", rows=2, required=False)

    def __init__(self, *args: Any, account_id: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = workers()  # type: ignore[attr-defined]
        asked = UseCaseRequest.objects.filter(account_id=account_id, state="open")
        self.fields["request"].queryset = asked  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    """What a customer wants to do next."""

    title = forms.CharField(max_length=200, label="What they want to do")
    asked_by = forms.CharField(max_length=200, required=False, label="Who said so")
    product = forms.CharField(max_length=200, required=False, label="Product it may need")
    detail = text("More", rows=3, required=False)


class DealForm(forms.Form):
    """A deal that is not in the data yet."""

    title = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=DealKind.choices)
    amount = forms.FloatField(
        required=False, min_value=0, label="Revenue a year", help_text="In the workspace's currency."
    )
    opened_on = day("Opened on")
    hand_over = forms.ModelChoiceField(
        HandOver.objects.none(), required=False, label="From the hand-over", empty_label="None"
    )
    external_id = forms.CharField(
        max_length=400, required=False, label="Its id in the data",
        help_text="Where the deal also comes in by import, so that it counts once.",
    )  # fmt: skip

    def __init__(self, *args: Any, account_id: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = HandOver.objects.filter(account_id=account_id, state__in=["accepted", "concluded"])
        self.fields["hand_over"].queryset = taken  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """A plan begun by hand."""

    summary = text("What they bought it for", rows=4, help_text="As sales handed it over.")
    begins_on = day("Begins")


class AskForm(forms.Form):
    """A favour."""

    kind = forms.ChoiceField(choices=Favour.choices, label="Ask for a")
    person = forms.CharField(max_length=200, label="Who is asked")
    what = text("What exactly", rows=3)


class ConsentForm(forms.Form):
    """What somebody agreed to be used for."""

    person = forms.CharField(max_length=200, label="Who agreed")
    covers = forms.MultipleChoiceField(
        choices=Favour.choices, widget=forms.CheckboxSelectMultiple, label="To what"
    )
    how = forms.CharField(max_length=400, label="How, and where it is kept")
    given_on = day("On")
    until = day("Until", required=False)


class EscalationForm(forms.Form):
    """Something that one person cannot settle."""

    title = forms.CharField(max_length=200, label="What is wrong")
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.MAJOR)
    owner = person("Owner")
    functions = forms.MultipleChoiceField(
        choices=Function.choices, widget=forms.CheckboxSelectMultiple, label="Who of ours is needed"
    )
    detail = text("More", rows=4, required=False)
    external_id = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = workers()  # type: ignore[attr-defined]


class RulesForm(forms.Form):
    """Every number of the rules, made from their definition."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, rules: GrowthRules, number: int, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {**rules.model_dump(), "seen": number})
        kwargs["initial"]["severe_priorities"] = ", ".join(rules.severe_priorities)
        super().__init__(*args, **kwargs)
        for name, field in GrowthRules.model_fields.items():
            self.fields[name] = _field(name, field.annotation, field.title or name)
        self.fields["reason"] = text("Why the rules change")

    def values(self) -> dict[str, Any]:
        """The rules of a valid form, as GrowthRules takes them."""
        found = {name: self.cleaned_data[name] for name in GrowthRules.model_fields}
        found["severe_priorities"] = tuple(
            p.strip().lower() for p in found["severe_priorities"].split(",") if p.strip()
        )
        return found


def _field(name: str, kind: Any, title: str) -> forms.Field:
    if name == "ready_tier":
        return forms.ChoiceField(
            label=title, choices=[("watch", "Watch"), ("healthy", "Healthy"), ("growth", "Growth")]
        )
    if kind is bool:
        return forms.BooleanField(label=title, required=False)
    if kind is int:
        return forms.IntegerField(label=title)
    if kind is float:
        return forms.FloatField(label=title, widget=forms.NumberInput(attrs={"step": "any"}))
    return forms.CharField(label=title, max_length=120)
