"""Forms of this app; what is wrong is said beside the field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from barograph_web.users.models import Role, Scope, Team, User
from barograph_web.users.tokens import scopes_open_to

ROLE_WORDS = {
    Role.CSM: "works on their own accounts",
    Role.ACCOUNT_MANAGER: "works on their own accounts",
    Role.LEADER: "sees the team's accounts, closes reviews, approves models",
    Role.OPS: "brings data in, edits models",
    Role.EXECUTIVE: "reads",
    Role.GUEST: "sees what is shared with them",
    Role.ADMINISTRATOR: "everything, people too",
}


class PersonForm(forms.Form):
    """Add or change a person."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="Also how accounts name their CSM and account manager.",
    )
    role = forms.ChoiceField(choices=[(r.value, f"{r.label}: {ROLE_WORDS[r]}") for r in Role])
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="No team")
    must_use_mfa = forms.BooleanField(
        label="Has to use a second factor",
        required=False,
        help_text="Asked to set one up at the next sign-in.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        """The address in lower case; nobody else may have it."""
        email: str = self.cleaned_data["email"].strip().lower()
        taken = User.objects.filter(email__iexact=email)
        if self.person is not None:
            taken = taken.exclude(pk=self.person.pk)
        if taken.exists():
            raise forms.ValidationError("Somebody has this address already.")
        return email


class TeamForm(forms.Form):
    """Add or change a team."""

    name = forms.CharField(max_length=120)
    parent = forms.ModelChoiceField(
        Team.objects.none(), required=False, label="Part of", empty_label="No other team"
    )

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Team.objects.order_by("name")
        self.fields["parent"].queryset = others.exclude(pk=team.pk) if team and team.pk else others  # type: ignore[attr-defined]


class StandInForm(forms.Form):
    """Who is away, and who takes over. Without `absent` it is about oneself."""

    absent = forms.ModelChoiceField(
        User.objects.none(), label="Away", required=False, empty_label="Choose somebody"
    )
    stand_in = forms.ModelChoiceField(User.objects.none(), label="Stands in", empty_label="Choose somebody")
    begins_on = forms.DateField(label="First day", widget=forms.DateInput({"type": "date"}))
    ends_on = forms.DateField(label="Last day", widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, today: date, me: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.me = me
        able = User.objects.filter(is_active=True).exclude(role=Role.GUEST).order_by("name")
        self.fields["stand_in"].queryset = able if me is None else able.exclude(pk=me.pk)  # type: ignore[attr-defined]
        if me is None:
            self.fields["absent"].queryset = able  # type: ignore[attr-defined]
            self.fields["absent"].required = True
        else:
            del self.fields["absent"]

    def clean(self) -> dict[str, Any]:
        """Days in order, not in the past, and two different people."""
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("begins_on"), values.get("ends_on")
        if last and last < self.today:
            self.add_error("ends_on", "This day is over.")
        if first and last and last < first:
            self.add_error("ends_on", "The last day is before the first.")
        if self.me is None and values.get("absent") and values.get("absent") == values.get("stand_in"):
            self.add_error("stand_in", "Choose somebody else.")
        return values


class ThemeForm(forms.Form):
    """How the application looks."""

    theme = forms.ChoiceField(
        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")], widget=forms.RadioSelect
    )


class TokenForm(forms.Form):
    """A new token: what for, what it may do, until when."""

    name = forms.CharField(max_length=120, help_text="What it is for, such as: nightly export.")
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    expires_on = forms.DateField(
        label="Last day", widget=forms.DateInput({"type": "date"}), help_text="A year from today at most."
    )

    def __init__(self, *args: Any, owner: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["scopes"].choices = [(s.value, Scope(s).label) for s in scopes_open_to(owner)]  # type: ignore[attr-defined]
        self.fields["expires_on"].initial = today + timedelta(days=90)

    def clean_expires_on(self) -> date:
        """From today on, for a year at most."""
        last: date = self.cleaned_data["expires_on"]
        if not self.today <= last <= self.today + timedelta(days=365):
            raise forms.ValidationError("Choose a day from today on, a year from today at most.")
        return last
