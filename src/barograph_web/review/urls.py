"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.review import views

app_name = "review"
urlpatterns = [path("", views.week, name="week")]
