"""What the element catalogue shows: made-up figures in every state, so that each element is seen at its extremes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator

from barograph.charts.palette import TIERS
from barograph_web.ui.icons import ICONS

LINES = {"at_risk": 0.0, "watch": 55.0, "healthy": 75.0, "growth": 85.0}


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(max_length=40, help_text="As people call it.")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    kind = forms.ChoiceField(choices=[("a", "First"), ("b", "Second")])
    which = forms.ChoiceField(choices=[("a", "One"), ("b", "Other")], widget=forms.RadioSelect)
    due_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Due on")
    sure = forms.BooleanField(label="I have read what this does", required=False)


def everything(today: date) -> dict[str, Any]:
    """The context of the catalogue."""
    return {
        "tiers": TIERS,
        "icons": sorted(ICONS),
        "lines": LINES,
        "series": [
            [62, 64, 66, 65, 68, 71, 69, 70, 66, 61, 54, 38],
            [None, None, None, None, 71, 74, 76, None, 78, 80, 84, 91],
            [0, 0, 1, 2, 2, 5, 9, 20, 40, 70, 95, 100],
            [],
        ],
        "money": [1_250_000.0, 84_000.0, 940.0, 0.0, None],
        "changes": [12.4, 0.3, 0.04, -14.0, None],
        "shares": [0.62, 0.045, 1.0, None],
        "form": SampleForm(),
        "wrong": _wrong(),
        "page": Paginator(range(1234), 50).page(3),
        "mix": [
            {"tier": "at_risk", "label": "At Risk", "arr": 1.3e6, "accounts": 14},
            {"tier": "watch", "label": "Watch", "arr": 2.1e6, "accounts": 40},
            {"tier": "healthy", "label": "Healthy", "arr": 4.4e6, "accounts": 90},
            {"tier": "growth", "label": "Growth", "arr": 0.4e6, "accounts": 6},
            {"tier": "insufficient", "label": "Insufficient data", "arr": 0.1e6, "accounts": 5},
        ],
        "items": [
            ("active users fell from 31 to 12", -9.0),
            ("sponsor left", -5.0),
            ("invoices paid in time", 1.5),
        ],
        "events": [
            (today - timedelta(days=1), "bad", "Fell to At Risk"),
            (today - timedelta(days=9), "", "Ticket: import is slow"),
            (today - timedelta(days=30), "good", "Goal reached: first report in a day"),
        ],
    }


def _wrong() -> SampleForm:
    form = SampleForm({"name": "x" * 50, "kind": "c", "due_on": "yesterday"})
    form.is_valid()
    return form
