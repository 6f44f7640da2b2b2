"""What people send about work; each form says what to change beside the field."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from barograph_web.plays.models import TouchKind
from barograph_web.plays.services_tasks import LONGEST_TITLE
from barograph_web.users.models import Role, User
from barograph_web.work.services import LONGEST

SNOOZE_DAYS = 7
DUE_DAYS = 5


class DayInput(forms.DateInput):
    """A day, chosen with the browser's own calendar, which reads ISO."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(format="%Y-%m-%d", attrs=attrs)


class InstantInput(forms.DateTimeInput):
    """A day and time in the workspace's zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


def workers() -> list[User]:
    """Who can be given work, by name."""
    return list(
        User.objects.filter(is_active=True)
        .exclude(role__in=[Role.GUEST, Role.EXECUTIVE])
        .order_by("name", "pk")
    )


class PersonField(forms.ModelChoiceField):
    """Somebody who works on accounts."""

    def __init__(self, people: Iterable[User] = (), **more: Any) -> None:
        super().__init__(User.objects.none(), **more)
        self.choose_from(people)

    def choose_from(self, people: Iterable[User]) -> None:
        self.queryset = User.objects.filter(pk__in=[user.pk for user in people]).order_by("name", "pk")


class CompleteForm(forms.Form):
    """A task was done."""

    note = forms.CharField(
        max_length=4000,
        required=False,
        label="What came of it",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReasonForm(forms.Form):
    """A step that needs a reason."""

    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why, in a sentence."},
    )


class DropForm(ReasonForm):
    """A task will not be done."""


class SnoozeForm(ReasonForm):
    """A task waits until a day, for a reason."""

    until = forms.DateField(
        label="Until",
        widget=DayInput,
        error_messages={"required": "Say until when.", "invalid": "Write the day as 2027-01-31."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"until": today + timedelta(days=SNOOZE_DAYS)})
        super().__init__(*args, **kwargs)
        self.fields["until"].widget.attrs["min"] = (today + timedelta(days=1)).isoformat()
        self.fields["reason"].label = "What it waits for"


class MoveForm(ReasonForm):
    """Another day is promised, for a reason."""

    due_on = forms.DateField(
        label="Due",
        widget=DayInput,
        error_messages={"required": "Say by when.", "invalid": "Write the day as 2027-01-31."},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"due_on": today + timedelta(days=SNOOZE_DAYS)})
        super().__init__(*args, **kwargs)


class HandOverForm(forms.Form):
    """A task is somebody else's from now on."""

    to = PersonField(
        label="To",
        empty_label="Choose somebody",
        error_messages={"required": "Say who takes it.", "invalid_choice": "They do not work on accounts."},
    )
    reason = forms.CharField(
        max_length=4000,
        required=False,
        label="What they should know",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choose_from(people)  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """What somebody wants to say about a task."""

    body = forms.CharField(
        label="Comment",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write something first."},
    )


class TaskForm(forms.Form):
    """A task of one's own making."""

    title = forms.CharField(
        label="What is to be done",
        max_length=LONGEST_TITLE,
        error_messages={"required": "Say what is to be done."},
    )
    owner = PersonField(required=False, empty_label="Nobody yet")
    due_on = forms.DateField(
        label="Due",
        widget=DayInput,
        error_messages={"required": "Say by when.", "invalid": "Write the day as 2027-01-31."},
    )
    detail = forms.CharField(
        max_length=10_000, required=False, label="What to know", widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, people: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choose_from(people)  # type: ignore[attr-defined]


class TouchForm(forms.Form):
    """Somebody of ours spoke with the customer."""

    kind = forms.ChoiceField(label="How", choices=TouchKind.choices)
    at = forms.DateTimeField(
        label="When",
        widget=InstantInput,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"required": "Say when it was.", "invalid": "Write it as 2027-01-31T14:30."},
    )
    note = forms.CharField(
        max_length=4000, required=False, label="What was said", widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"at": timezone.localtime(now).replace(second=0, microsecond=0)})
        super().__init__(*args, **kwargs)


class OpenPlayForm(forms.Form):
    """A play that somebody begins by hand."""

    play = forms.ChoiceField(
        error_messages={"required": "Choose a play.", "invalid_choice": "There is no such play any more."}
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why, in a sentence: it is shown wherever the play is."},
    )

    def __init__(self, *args: Any, plays: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["play"].choices = [("", "Choose a play"), *plays]  # type: ignore[attr-defined]
