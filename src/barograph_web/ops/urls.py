"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.ops import views_audit, views_runs

app_name = "ops"
urlpatterns = [
    path("", views_runs.administration, name="administration"),
    path("health/", views_runs.health_page, name="health"),
    path("runs/", views_runs.runs, name="runs"),
    path("runs/refresh/", views_runs.refresh_now, name="refresh_now"),
    path("runs/<int:pk>/", views_runs.run, name="run"),
    path("runs/<int:pk>/retry/", views_runs.retry, name="retry"),
    path("audit/", views_audit.audit_log, name="audit"),
    path("audit/export/", views_audit.audit_export, name="audit_export"),
    path("settings/", views_audit.settings_page, name="settings"),
    path("personal-data/", views_audit.personal_data, name="personal_data"),
    path("personal-data/<slug:kind>/<str:key>/", views_audit.erase, name="erase"),
]
