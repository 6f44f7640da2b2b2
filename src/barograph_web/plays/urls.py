"""Pages of this app."""

from __future__ import annotations

from django.urls import path

import barograph_web.portfolio.urls  # noqa: F401 - makes the path converter "account" known
from barograph_web.plays import views, views_incidents, views_people, views_runs

app_name = "plays"
urlpatterns = [
    path("", views.library, name="library"),
    path("runs/", views_runs.runs, name="runs"),
    path("runs/<int:number>/", views_runs.run, name="run"),
    path("runs/<int:number>/close/", views_runs.close, name="close"),
    path("clocks/<int:number>/pause/", views_runs.pause, name="pause"),
    path("clocks/<int:number>/resume/", views_runs.resume, name="resume"),
    path("incidents/", views_incidents.incidents, name="incidents"),
    path("incidents/<int:number>/", views_incidents.incident, name="incident"),
    path("incidents/<int:number>/<str:what>/", views_incidents.settle, name="settle"),
    path("service-levels/", views_people.levels, name="levels"),
    path("capacity/", views_people.capacity, name="capacity"),
    path("pools/", views_people.pools, name="pools"),
    path("accounts/<account:key>/risk/", views_runs.risk, name="risk"),
    path("accounts/<account:key>/snooze/<slug:name>/", views_runs.snooze, name="snooze"),
    path("dry-run/", views.ask_dry_run, name="ask_dry_run"),
    path("dry-run/<int:number>/", views.dry_run, name="dry_run"),
    path("named/<slug:name>/", views.play, name="play"),
    path("named/<slug:name>/hold-out/", views.hold_out, name="hold_out"),
]
