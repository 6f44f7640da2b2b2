"""The element catalogue for developers."""

from __future__ import annotations

from django.urls import path

from barograph_web.ui import views

app_name = "ui"
urlpatterns = [path("", views.elements, name="elements")]
