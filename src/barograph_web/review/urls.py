"""Pages of this app."""

from __future__ import annotations

from django.urls import path

import barograph_web.portfolio.urls  # noqa: F401 - makes the path converter "account" known
from barograph_web.review import views, views_decisions, views_minutes

app_name = "review"
urlpatterns = [
    path("", views.week, name="week"),
    path("export.csv", views.export, name="export"),
    path("agenda/", views_minutes.agenda, name="agenda"),
    path("agenda.<str:ending>", views_minutes.agenda, name="agenda_file"),
    path("close/", views_minutes.close, name="close"),
    path("minutes/", views_minutes.kept, name="minutes_list"),
    path("minutes/<int:number>/", views_minutes.minutes, name="minutes"),
    path("minutes/<int:number>.<str:ending>", views_minutes.minutes, name="minutes_file"),
    path("minutes/<int:number>/send/", views_minutes.send, name="minutes_send"),
    path("release/", views_decisions.release, name="release"),
    path("decisions/<int:number>/outcome/", views_decisions.outcome, name="outcome"),
    path("decisions/<int:number>/rule/", views_decisions.rule, name="rule"),
    path("accounts/<account:key>/", views_decisions.entry, name="entry"),
    path("accounts/<account:key>/decide/", views_decisions.decide, name="decide"),
    path("accounts/<account:key>/agree/", views_decisions.agree, name="agree"),
    path("accounts/<account:key>/undo/", views_decisions.undo, name="undo"),
]
