"""What allauth does to people is audited too: sign-ins, passwords, second factors."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from barograph_web.users.middleware import MFA_SEEN
from barograph_web.users.models import User
from barograph_web.users.trail import record


@receiver(
    [account.password_changed, account.password_set, account.password_reset], dispatch_uid="users.password"
)
def password_was_set(sender: Any, user: User, **_rest: Any) -> None:  # noqa: ARG001
    """They chose a password themselves: nothing is owed any more."""
    if user.must_set_password:
        User.objects.filter(pk=user.pk).update(must_set_password=False)
        user.must_set_password = False
    record("person.password_changed", user, by=user)


@receiver(account.user_logged_in, dispatch_uid="users.signed_in")
def signed_in(sender: Any, user: User, **_rest: Any) -> None:  # noqa: ARG001
    """Somebody came in."""
    record("session.began", user, by=user)


@receiver(user_logged_out, dispatch_uid="users.signed_out")
def signed_out(sender: Any, user: User | None, **_rest: Any) -> None:  # noqa: ARG001
    """Somebody went."""
    if user is not None:
        record("session.ended", user, by=user)


@receiver(mfa.authenticator_added, dispatch_uid="users.factor_added")
def second_factor_added(sender: Any, user: User, authenticator: Any, **_rest: Any) -> None:  # noqa: ARG001
    """A second factor, or recovery codes, were set up."""
    record("person.second_factor_added", user, after={"type": authenticator.type})


@receiver(mfa.authenticator_removed, dispatch_uid="users.factor_removed")
def second_factor_removed(
    sender: Any,  # noqa: ARG001
    request: HttpRequest,
    user: User,
    authenticator: Any,
    **_rest: Any,
) -> None:
    """They took a second factor away; who has to use one is asked for it again."""
    request.session.pop(MFA_SEEN, None)
    record("person.second_factor_removed", user, before={"type": authenticator.type})
