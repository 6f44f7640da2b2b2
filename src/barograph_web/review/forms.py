"""What people send to the review."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from barograph_web.portfolio.models import Account
from barograph_web.portfolio.queries_list import readable
from barograph_web.review.models import Decision, Result, Verdict
from barograph_web.review.services import Wanted
from barograph_web.users.models import Role, User


class DayInput(forms.DateInput):
    """A day, chosen with the browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """ISO, which is what the browser's control reads."""
        return value.isoformat() if isinstance(value, date) else super().format_value(value)


class SeenForm(forms.Form):
    """Any change of a decision: `seen` is the number of the last one that the person has been shown."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    week = forms.DateField(widget=forms.HiddenInput)


class DecisionForm(SeenForm):
    """Agree or disagree, who, what next, by when, and when we will know."""

    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.RadioSelect, initial=Verdict.AGREE)
    reason = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to disagree: what do you know that the numbers do not?",
    )
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody yet")
    next_step = forms.CharField(
        max_length=2000, required=False, label="Next step", widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = forms.DateField(required=False, label="Done by", widget=DayInput)
    know_on = forms.DateField(
        required=False,
        label="We will know on",
        widget=DayInput,
        help_text="When it shows whether it worked.",
    )
    play = forms.ChoiceField(
        required=False,
        help_text="Opens it for the account, with its tasks and clocks; the next step is then the play.",
        error_messages={"invalid_choice": "There is no such play, or it is open for the account already."},
    )

    def __init__(
        self,
        *args: Any,
        owners: Iterable[User] = (),
        plays: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.titles = dict(plays)
        self.fields["play"].choices = [("", "None"), *self.titles.items()]  # type: ignore[attr-defined]
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = User.objects.filter(pk__in=[user.pk for user in owners])

    def wanted(self) -> Wanted:
        """The decision of a valid form. Where a play was chosen and no next step written, the play is the next step."""
        data = self.cleaned_data
        return Wanted(
            verdict=data["verdict"],
            reason=data["reason"],
            owner=data["owner"],
            next_step=data["next_step"] or self.titles.get(data["play"], ""),
            due_on=data["due_on"],
            know_on=data["know_on"],
        )


class OutcomeForm(forms.Form):
    """What became of a next step."""

    result = forms.ChoiceField(choices=Result.choices)
    words = forms.CharField(max_length=4000, required=False)


class RulingForm(SeenForm):
    """A leader settles a disagreement."""

    verdict = forms.ChoiceField(choices=[Verdict.choices[0], Verdict.choices[1]])
    reason = forms.CharField(max_length=4000, error_messages={"required": "Say why, in a sentence."})


class ReleaseForm(forms.Form):
    """Somebody looked at what a new model moved."""

    reason = forms.CharField(max_length=2000, error_messages={"required": "Say what you looked at."})


def possible_owners() -> list[User]:
    """Who can be given an account: everybody who works on accounts."""
    return list(
        User.objects.filter(is_active=True).exclude(role__in=[Role.GUEST, Role.EXECUTIVE]).order_by("name")
    )


@dataclass(frozen=True, slots=True)
class WithoutUser:
    """Whose account it is by the data, where that person does not use the application."""

    name: str
    email: str


def csm_without_user(account: Account) -> WithoutUser | None:
    """The account's CSM where nobody here has their address; None where somebody has, or no CSM is known."""
    email = account.csm_email or ""
    if not email or User.objects.filter(email__iexact=email, is_active=True).exists():
        return None
    return WithoutUser(readable(email), email)


def first_values(
    account: Account, latest: Decision | None, plan: Decision | None, owners: Iterable[User], today: date
) -> dict[str, Any]:
    """What an empty decision form begins with: what stands, else the plan of an earlier week, else the CSM."""
    if latest is not None and not latest.is_withdrawal:
        return {
            "verdict": latest.verdict,
            "reason": latest.reason,
            "owner": latest.owner_id,
            "next_step": latest.next_step,
            "due_on": latest.due_on,
            "know_on": latest.know_on,
        }
    csm = next((user.pk for user in owners if user.email == (account.csm_email or "").lower()), None)
    if plan is not None:
        return {
            "verdict": Verdict.AGREE, "owner": plan.owner_id or csm, "next_step": plan.next_step,
            "due_on": plan.due_on if plan.due_on and plan.due_on > today else None, "know_on": plan.know_on,
        }  # fmt: skip
    return {"verdict": Verdict.AGREE, "owner": csm}
