"""The Monday review."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def week(request: HttpRequest) -> HttpResponse:
    """The review of one week."""
    return render(request, "ui/base.html", {})
