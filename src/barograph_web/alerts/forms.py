"""Forms of this app: what one is told, and webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from barograph_web.alerts.catalogue import EVENTS, GROUPS, Topic
from barograph_web.alerts.choices import Choice, Choices, scopes_of
from barograph_web.alerts.models import AlertScope, Mailing, Webhook, WebhookForm
from barograph_web.users.models import User

YES_NO = ((AlertScope.OFF.value, AlertScope.OFF.label), ("yes", "Yes"))


class ChoicesForm(forms.Form):
    """A row per topic: whose accounts, in the application or not, by mail or not; and the digest."""

    digest = forms.BooleanField(required=False, label="Send me the weekly digest")
    digest_scope = forms.ChoiceField(label="About")
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: User, choices: Choices) -> None:
        self._choices = choices
        offered = scopes_of(user)
        super().__init__(data, initial=_initial(choices))
        named = [(scope.value, scope.label) for scope in offered if scope != AlertScope.OFF]
        self.fields["digest_scope"].choices = named  # type: ignore[attr-defined]
        self._widest = offered[-1]
        for name, choice in choices.topics.items():
            per_account = choice.topic.kind.concerns == "account"
            shown = [(scope.value, scope.label) for scope in offered] if per_account else list(YES_NO)
            key = _key(name)
            self.fields[f"{key}_scope"] = forms.ChoiceField(
                choices=shown, label=f"{choice.topic.title}: about"
            )
            self.fields[f"{key}_in_app"] = forms.BooleanField(
                required=False, label=f"{choice.topic.title}: in the application"
            )
            self.fields[f"{key}_mail"] = forms.ChoiceField(
                choices=Mailing.choices, label=f"{choice.topic.title}: by mail"
            )
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """(group, its topics with their three fields), in the order of the catalogue."""
        for group in GROUPS:
            found = [
                {
                    "topic": choice.topic,
                    "scope": self[f"{_key(name)}_scope"],
                    "in_app": self[f"{_key(name)}_in_app"],
                    "mail": self[f"{_key(name)}_mail"],
                }
                for name, choice in self._choices.topics.items()
                if choice.topic.group == group
            ]
            if found:
                yield group, found

    def chosen(self) -> dict[str, Choice]:
        """What was chosen, after `is_valid`."""
        return {name: self._choice(name, old.topic) for name, old in self._choices.topics.items()}

    def _choice(self, name: str, topic: Topic) -> Choice:
        given = self.cleaned_data
        scope = given[f"{_key(name)}_scope"]
        return Choice(
            topic,
            self._widest if scope == "yes" else AlertScope(scope),
            given[f"{_key(name)}_in_app"],
            Mailing(given[f"{_key(name)}_mail"]),
        )


class WebhookFormFields(forms.Form):
    """A webhook. The address is asked for when it is made; later an empty one keeps what there is."""

    name = forms.CharField(max_length=120, help_text="What people call it, such as: #customer-success.")
    form = forms.ChoiceField(
        choices=WebhookForm.choices,
        widget=forms.RadioSelect,
        initial=WebhookForm.SIGNED,
        help_text="Signed JSON is for programs that check who sends. The message is for Slack and its like.",
    )
    address = forms.CharField(
        max_length=2000,
        widget=forms.TextInput({"type": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text="Kept encrypted, and not shown again in full.",
    )
    kinds = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: all of them.",
        label="Events",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, webhook: Webhook | None = None) -> None:
        initial = {}
        if webhook is not None:
            initial = {
                "name": webhook.name,
                "form": webhook.form,
                "kinds": webhook.kinds,
                "revision": webhook.revision,
            }
        super().__init__(data, initial=initial)
        self.fields["kinds"].choices = [(kind.name, kind.name) for kind in EVENTS.values()]  # type: ignore[attr-defined]
        if webhook is not None:
            del self.fields["form"]
            self.fields["address"].required = False
            self.fields[
                "address"
            ].help_text = f"Leave it empty to keep the one it has, {webhook.shown_address}."


class SwitchForm(forms.Form):
    """Switching, rotating and removing: the revision that the person saw."""

    revision = forms.IntegerField()
    reason = forms.CharField(required=False, max_length=400)


def _key(topic: str) -> str:
    return topic.replace(".", "-")


def _initial(choices: Choices) -> dict[str, Any]:
    found: dict[str, Any] = {
        "digest": choices.digest,
        "digest_scope": choices.digest_scope.value,
        "revision": choices.revision,
    }
    for name, choice in choices.topics.items():
        per_account = choice.topic.kind.concerns == "account"
        key = _key(name)
        on = choice.scope.value if per_account or choice.scope == AlertScope.OFF else "yes"
        found |= {f"{key}_scope": on, f"{key}_in_app": choice.in_app, f"{key}_mail": choice.mail.value}
    return found
