"""Sign-in, password, second factor and sessions: the pages of allauth that this application has.

Nobody signs up, and nobody changes their own address: accounts name people by it, so it decides what they see. Those
pages answer 404 under the names that allauth looks up.
"""

from __future__ import annotations

from typing import NoReturn

from allauth.account import views
from allauth.usersessions.views import list_usersessions
from django.http import Http404, HttpRequest
from django.urls import include, path, re_path


def absent(_request: HttpRequest, **_parts: str) -> NoReturn:
    """Not part of this application."""
    raise Http404


urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("again/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", list_usersessions, name="usersessions_list"),
    path("signup/", absent, name="account_signup"),
    path("email/", absent, name="account_email"),
    path("email/sent/", absent, name="account_email_verification_sent"),
    path("email/<str:key>/", absent, name="account_confirm_email"),
]
