"""Forms of this app."""

from __future__ import annotations

from django import forms

from barograph_web.ops.queries import AuditFilter

DAY = forms.DateInput({"type": "date"})


class AuditFilterForm(forms.Form):
    """What to look for in the audit log. A day that is none is said beside its field, and filters nothing."""

    person = forms.CharField(required=False, max_length=200)
    action = forms.CharField(required=False, max_length=60)
    thing = forms.CharField(required=False, max_length=200, label="Object")
    account = forms.CharField(required=False, max_length=400)
    since = forms.DateField(required=False, widget=DAY)
    until = forms.DateField(required=False, widget=DAY)

    def asked(self) -> AuditFilter:
        """The filter, without what could not be read."""
        self.is_valid()
        return AuditFilter(**{k: v for k, v in self.cleaned_data.items() if v})


class ErasureForm(forms.Form):
    """Why, and that it is meant."""

    reason = forms.CharField(max_length=400, help_text="Such as: request of the person, 12 November.")
    sure = forms.BooleanField(label="I know that this cannot be undone")
