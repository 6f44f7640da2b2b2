"""How sign-in behaves: nobody signs up by themselves, and links in mails lead to the address in the settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from barograph_web.users.fresh import is_stale
from barograph_web.users.invitations import absolute


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are made by an administrator or by `barograph user add`."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names."""

    def is_reauthentication_required(self, *, app: str) -> bool:  # noqa: ARG002
        """Only when the last proof, signing in included, is too long ago."""
        return is_stale(self.request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """On to the first page: who had to choose a password is not left on the form."""
        return reverse("home")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail to set a new password. The host of the request does not come into it, so that a
        forged Host header cannot send the key elsewhere."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return absolute(path.replace("UID-KEY", quote(key)))
