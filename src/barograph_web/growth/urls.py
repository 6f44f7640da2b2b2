"""Pages of this app."""

from __future__ import annotations

from django.urls import path

import barograph_web.portfolio.urls  # noqa: F401 - makes the path converter "account" known
from barograph_web.growth import exports, views, views_accounts, views_things

app_name = "growth"
urlpatterns = [
    path("", views.expansion, name="expansion"),
    path("hand-overs/", views.pipeline, name="pipeline"),
    path("plans/", views.plans, name="plans"),
    path("advocates/", views.advocates, name="advocates"),
    path("escalations/", views.escalations, name="escalations"),
    path("rules/", views.rules, name="rules"),
    path("export/<str:name>.csv", exports.export, name="export"),
    path("accounts/<account:key>/hand-over/", views_accounts.hand_over, name="hand_over"),
    path("accounts/<account:key>/request/", views_accounts.ask_for, name="request"),
    path("accounts/<account:key>/opportunity/", views_accounts.opportunity, name="opportunity"),
    path("accounts/<account:key>/escalate/", views_accounts.escalate, name="escalate"),
    path("accounts/<account:key>/plan/", views_accounts.plan, name="plan"),
    path("accounts/<account:key>/plan/goal/", views_accounts.goal, name="goal"),
    path("accounts/<account:key>/plan/sheet/", views_accounts.sheet, name="sheet"),
    path("accounts/<account:key>/advocate/", views_accounts.advocate, name="advocate"),
    path("accounts/<account:key>/advocate/ask/", views_accounts.ask, name="ask"),
    path("accounts/<account:key>/advocate/consent/", views_accounts.consent, name="consent"),
    path("<slug:kind>/<int:pk>/", views_things.thing, name="thing"),
    path("<slug:kind>/<int:pk>/<str:name>/", views_things.move, name="move"),
]
