"""What people enter about plays."""

from __future__ import annotations

from typing import Any

from django import forms

from barograph_web.plays.models import RunState
from barograph_web.plays.people import CANNOT_WORK
from barograph_web.users.models import User

DAY = forms.DateInput(attrs={"type": "date"})
ENDS = [
    (RunState.SUCCEEDED, "It worked"),
    (RunState.FAILED, "It did not work"),
    (RunState.CANCELLED, "It makes no sense any more"),
]
KINDS = [("invest", "Invest"), ("accept", "Accept the loss"), ("withdraw", "Take the decision back")]


def _words(label: str, required: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=help_text,
        error_messages={"required": required},
    )  # fmt: skip


class ReasonForm(forms.Form):
    """A reason."""

    reason = _words("Reason", "Say why.")


class CloseForm(forms.Form):
    """How a run ends."""

    state = forms.ChoiceField(label="How it ended", choices=ENDS)
    why = _words("Why", "Say why it ends.")


class SnoozePlayForm(forms.Form):
    """Until when an account is left alone with a play."""

    until = forms.DateField(
        label="Until", widget=DAY, help_text="This day is the last.",
        error_messages={"required": "Choose the last day."},
    )  # fmt: skip
    reason = _words("Reason", "Say why the play should wait.")


class RiskForm(forms.Form):
    """Invest or accept. What investing needs is asked by the service, which knows the day."""

    kind = forms.ChoiceField(label="Decision", choices=KINDS, initial="invest")
    sponsor = forms.CharField(
        label="Sponsor", max_length=200, required=False, help_text="To invest: who stands for it."
    )
    budget = forms.FloatField(
        label="Budget", min_value=0, required=False,
        help_text="To invest: in the workspace's currency; 0 is people's time alone.",
    )  # fmt: skip
    next_on = forms.DateField(
        label="Next look", widget=DAY, required=False, help_text="To invest: when it is looked at again."
    )
    reason = _words("Reason", "Say why, for those who read it later.")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """An investment has a sponsor, a budget and a day."""
        given = super().clean() or {}
        if given.get("kind") == "invest":
            if not given.get("sponsor", "").strip():
                self.add_error("sponsor", "Name who stands for it.")
            if given.get("budget") is None and "budget" not in self.errors:
                self.add_error("budget", "Name a budget; 0 is people's time alone.")
            if given.get("next_on") is None and "next_on" not in self.errors:
                self.add_error("next_on", "Choose the day of the next look.")
        return given


class PoolForm(forms.Form):
    """A pool and who is in it."""

    title = forms.CharField(label="Name", max_length=200)
    members = forms.ModelMultipleChoiceField(
        label="People", queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True).exclude(role__in=CANNOT_WORK).order_by("name")
        self.fields["members"].queryset = people  # type: ignore[attr-defined]
