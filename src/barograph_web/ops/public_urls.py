"""Addresses for probes and metrics, outside sign-in."""

from __future__ import annotations

from django.urls import path

from barograph_web.ops import views_public

urlpatterns = [
    path("healthz", views_public.healthz, name="healthz"),
    path("metrics", views_public.metrics_page, name="metrics"),
]
