"""What people send: pulses, rulings, planned context, verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from barograph_web.pulses.models import (
    CAUSES_OF,
    Cause,
    Claim,
    ContextKind,
    Executives,
    Finding,
    Narrative,
    PulseState,
    Sponsor,
)
from barograph_web.pulses.services import Answers
from barograph_web.pulses.services_notes import Planned


class DayInput(forms.DateInput):
    """A day, chosen with the browser's own calendar."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(format="%Y-%m-%d", attrs=attrs)


MISSED = {"required": "Answer this one too: it takes one key."}


class PulseForm(forms.Form):
    """Three answers, and a reason where they differ from the numbers. Begins empty, so that nothing leads the eye."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    sponsor_status = forms.ChoiceField(
        choices=Sponsor.choices, widget=forms.RadioSelect, label="Is the sponsor there and with us?",
        error_messages=MISSED,
    )  # fmt: skip
    executive_engagement = forms.ChoiceField(
        choices=Executives.choices, widget=forms.RadioSelect, label="Do their executives engage with us?",
        error_messages=MISSED,
    )  # fmt: skip
    outcome_narrative = forms.ChoiceField(
        choices=Narrative.choices, widget=forms.RadioSelect, label="Could we show what they gained?",
        error_messages=MISSED,
    )  # fmt: skip
    reason = forms.CharField(
        max_length=4000, required=False, label="What do you know that the numbers do not?"
    )
    wants_lift = forms.BooleanField(required=False, label="Ask a leader to have it shown one tier better")

    def answers(self) -> Answers:
        """What a valid form says."""
        data = self.cleaned_data
        return Answers(
            data["sponsor_status"], data["executive_engagement"], data["outcome_narrative"], data["reason"],
            data["wants_lift"],
        )  # fmt: skip


class RulingForm(forms.Form):
    """A leader decides. given_at: the pulse that they have been shown."""

    given_at = forms.CharField(widget=forms.HiddenInput)
    finding = forms.ChoiceField(
        choices=Finding.choices,
        error_messages={"required": "Choose: the pulse is right, or the numbers stand."},
    )
    reason = forms.CharField(
        max_length=4000, error_messages={"required": "Say why, in a sentence: the author reads it."}
    )

    def clean_given_at(self) -> datetime:
        """The instant, to the microsecond."""
        found = parse_datetime(self.cleaned_data["given_at"])
        if found is None or found.tzinfo is None:
            raise forms.ValidationError("The form does not say which pulse it is about: reload the page.")
        return found.astimezone(UTC)


def given_at_of(row: PulseState) -> str:
    """What a ruling form carries of a pulse."""
    return row.given_at.astimezone(UTC).isoformat() if row.given_at else ""


class ContextForm(forms.Form):
    """Something planned at the customer, with the day on which it is over."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=ContextKind.choices, widget=forms.RadioSelect, label="What is planned?")
    words = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), label="In a sentence",
        help_text="What will the numbers look like meanwhile, and why is that no sign of trouble?",
    )  # fmt: skip
    begins_on = forms.DateField(widget=DayInput(), label="From")
    ends_on = forms.DateField(widget=DayInput(), label="Until")

    def planned(self) -> Planned:
        """What a valid form says."""
        data = self.cleaned_data
        return Planned(data["kind"], data["words"], data["begins_on"], data["ends_on"])


CLAIMED = {Claim.CONFIRMED: "It is so, because", Claim.REJECTED: "It is not so, because"}


class VerdictForm(forms.Form):
    """Is what the score claims true?"""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    week = forms.DateField(widget=forms.HiddenInput)
    claim = forms.ChoiceField(
        choices=[(Claim.CONFIRMED, "Yes, I confirm it"), (Claim.REJECTED, "No, I reject it")],
        widget=forms.RadioSelect,
        label="What the score claims is so",
        error_messages={"required": "Choose: it is so, or it is not."},
    )
    cause = forms.ChoiceField(
        choices=[
            ("", "Choose a reason"),
            *(
                (CLAIMED[claim], [(str(cause), Cause(cause).label) for cause in causes])
                for claim, causes in CAUSES_OF.items()
            ),
        ],
        label="How do you know?",
        error_messages={"required": "Choose one of the reasons."},
    )
    words = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label="In your words"
    )
