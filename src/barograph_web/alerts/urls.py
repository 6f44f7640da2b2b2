"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.alerts import views, views_webhooks

app_name = "alerts"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<int:pk>/", views.follow, name="follow"),
    path("read/", views.read, name="read"),
    path("settings/", views.settings, name="settings"),
    path("webhooks/", views_webhooks.webhooks, name="webhooks"),
    path("webhooks/new/", views_webhooks.add, name="add_webhook"),
    path("webhooks/<int:pk>/", views_webhooks.webhook, name="webhook"),
    path("webhooks/<int:pk>/change/", views_webhooks.change, name="change_webhook"),
    path("webhooks/<int:pk>/switch/", views_webhooks.switch, name="switch_webhook"),
    path("webhooks/<int:pk>/secret/", views_webhooks.rotate, name="rotate_secret"),
    path("webhooks/<int:pk>/remove/", views_webhooks.remove, name="remove_webhook"),
    path("webhooks/<int:pk>/test/", views_webhooks.test, name="test_webhook"),
    path("webhooks/deliveries/<int:pk>/", views_webhooks.delivery, name="delivery"),
    path("webhooks/deliveries/<int:pk>/again/", views_webhooks.resend, name="resend"),
]
