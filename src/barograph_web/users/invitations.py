"""A link with which a person sets their first password, or a new one: signed, for three days, good once."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

from barograph_web.users.models import User
from barograph_web.users.trail import record


def invitation(user: User) -> str:
    """The address to set a password at. It stops working once the password is set, and after three days."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    record("person.invited", user, after={"days": settings.PASSWORD_RESET_TIMEOUT // 86400})
    return absolute(path)


def absolute(path: str) -> str:
    """A path as an address for mails: the settings say where the application is, not the request."""
    return settings.OPTIONS_IN_FORCE.base_url.rstrip("/") + path


def mail_invitation(user: User, link: str, workspace: str) -> bool:
    """Send the link, where mail is set up; whether it was sent."""
    if not settings.OPTIONS_IN_FORCE.mail_url:
        return False
    text = (
        f"Hello {user.name},\n\nyou can use Barograph for {workspace}. "
        f"Set your password within three days:\n\n{link}\n\n"
        "If you did not expect this, you need not do anything.\n"
    )
    return bool(
        send_mail(f"Your access to Barograph ({workspace})", text, None, [user.email], fail_silently=True)
    )
