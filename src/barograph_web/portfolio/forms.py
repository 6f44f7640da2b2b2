"""Forms of this app: they say what to change beside the field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from barograph_web.portfolio.services import LONGEST_NOTE
from barograph_web.users.models import Role, User

LONGEST_SHARE = 366


class NoteForm(forms.Form):
    """What somebody wants to keep about an account."""

    body = forms.CharField(
        label="Note",
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first."},
    )


class ShareForm(forms.Form):
    """One account, one guest, until a day."""

    guest = forms.ModelChoiceField(
        queryset=User.objects.none(),
        empty_label="Choose a guest",
        error_messages={
            "required": "Choose who shall see it.",
            "invalid_choice": "That person is no guest any more.",
        },
    )
    until = forms.DateField(
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Say until when.", "invalid": "Write the day as 2027-01-31."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"until": today + timedelta(days=30)})
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["guest"].queryset = User.objects.filter(role=Role.GUEST, is_active=True)  # type: ignore[attr-defined]

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.today:
            raise forms.ValidationError("That day has passed; choose today or a later one.")
        if until > self.today + timedelta(days=LONGEST_SHARE):
            raise forms.ValidationError("At most a year ahead; it can be shared again then.")
        return until


class ViewForm(forms.Form):
    """A name for the filters and the order of a list."""

    name = forms.CharField(max_length=120, label="Name", error_messages={"required": "Give the view a name."})
    shared = forms.BooleanField(required=False, label="Show it to everybody")
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
