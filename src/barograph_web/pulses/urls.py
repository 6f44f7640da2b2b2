"""Pages of this app."""

from __future__ import annotations

from django.urls import path

import barograph_web.portfolio.urls  # noqa: F401 - makes the path converter "account" known
from barograph_web.pulses import views, views_decide, views_verdicts

app_name = "pulses"
urlpatterns = [
    path("", views.due, name="due"),
    path("differing/", views_decide.queue, name="queue"),
    path("register/", views_verdicts.register_page, name="register"),
    path("register.csv", views_verdicts.register_export, name="register_export"),
    path("grades/", views_verdicts.own_grade, name="grades"),
    path("grades/<int:number>/", views_verdicts.grade, name="grade"),
    path("context/<int:number>/withdraw/", views_decide.withdraw, name="withdraw"),
    path("accounts/<account:key>/", views.give, name="give"),
    path("accounts/<account:key>/last/", views.last, name="last"),
    path("accounts/<account:key>/rule/", views_decide.rule, name="rule"),
    path("accounts/<account:key>/context/", views_decide.context, name="context"),
    path("accounts/<account:key>/verdict/", views_verdicts.verdict, name="verdict"),
]
