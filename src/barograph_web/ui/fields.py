"""Fields of forms that more than one app uses."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms


class DayInput(forms.DateInput):
    """A day, chosen with the browser's own calendar."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        """ISO, which is what the browser's control reads."""
        return value.isoformat() if isinstance(value, date) else super().format_value(value)
