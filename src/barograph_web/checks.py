"""System checks: what is wrong with an installation, with an id and what to do. `python -m barograph_web.manage check`

runs them; `barograph serve` refuses to start on an error.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from barograph.workspace import SETTINGS_FILE
from barograph_web.ops.schedule import weekly_of

LOCAL = {"localhost", "127.0.0.1", "::1", "[::1]"}


@register(Tags.security)
def check_exposure(app_configs: Any, **_options: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """What must not be reachable by others."""
    options = settings.OPTIONS_IN_FORCE
    base = urlsplit(options.base_url)
    public = (base.hostname or "localhost") not in LOCAL or bool(set(options.allowed_hosts) - LOCAL)
    found: list[CheckMessage] = []
    if options.debug and public:
        found.append(
            Error("debug is on while other hosts are allowed.", hint="Unset BAROGRAPH_DEBUG.", id="BW.E001")
        )
    if options.https and base.scheme != "https":
        told = "https is on, and base_url begins with http://."
        found.append(Error(told, hint="Set BAROGRAPH_BASE_URL to the https:// address.", id="BW.E002"))
    if options.https and options.trusted_proxies < 1:
        told = "https is on, and no proxy is trusted: the built-in server does not see that requests were encrypted."
        found.append(
            Warning(told, hint="Set BAROGRAPH_TRUSTED_PROXIES to 1, or how many there are.", id="BW.W008")
        )
    if "*" in options.allowed_hosts:
        told = "allowed_hosts has *: any Host header is answered."
        found.append(Warning(told, hint="Name the hosts in BAROGRAPH_ALLOWED_HOSTS.", id="BW.W003"))
    if public and not options.https:
        told = "The application is reachable by others without TLS: passwords and sessions can be read on the way."
        found.append(
            Warning(told, hint="Put a proxy with TLS before it and set BAROGRAPH_HTTPS.", id="BW.W004")
        )
    if base.hostname and base.hostname not in options.allowed_hosts and "*" not in options.allowed_hosts:
        told = f"base_url names {base.hostname}, which is not among allowed_hosts: links in mails lead to an error."
        found.append(Warning(told, hint="Add it to BAROGRAPH_ALLOWED_HOSTS.", id="BW.W005"))
    if options.secret_key and len(options.secret_key) < 32:
        hint = "Use 50 random characters, or leave it empty and one is made."
        found.append(Error("secret_key is shorter than 32 characters.", hint=hint, id="BW.E006"))
    if options.metrics_token and len(options.metrics_token) < 16:
        found.append(
            Warning("metrics_token is shorter than 16 characters.", hint="Use a random one.", id="BW.W007")
        )
    return found


@register
def check_workspace(app_configs: Any, **_options: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """The folder that everything is in."""
    place = Path(settings.WORKSPACE)
    found: list[CheckMessage] = []
    if not (place / SETTINGS_FILE).is_file():
        hint = "Make one with `barograph init DIR`, and set BAROGRAPH_WORKSPACE or give -w."
        return [Error(f"{place} is not a workspace: it has no {SETTINGS_FILE}.", hint=hint, id="BW.E010")]
    for folder in (place, place / "application", place / "lake", place / "registry"):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            hint = "Give it to the user that runs the application."
            found.append(Error(f"{folder} cannot be written to.", hint=hint, id="BW.E011"))
    key = place / "application" / "secret-key"
    if key.exists() and key.stat().st_mode & 0o077:
        found.append(Warning(f"{key} is readable by others.", hint=f"chmod 600 {key}", id="BW.W012"))
    for what in ("refresh", "digest"):
        day, at = (getattr(settings.OPTIONS_IN_FORCE, f"{what}_{part}") for part in ("weekday", "time"))
        try:
            weekly_of(day, at)
        except ValueError as error:
            found.append(Error(f"{what}_time: {error}.", hint="Set it like 06:00.", id="BW.E013"))
    return found


@register(Tags.database)
def check_people(
    app_configs: Any,  # noqa: ARG001
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> Sequence[CheckMessage]:
    """Who can do everything, and how well that is guarded. Runs with `check --database default` and in `serve`."""
    from allauth.mfa.models import Authenticator  # noqa: PLC0415 - models are not ready when checks are registered

    from barograph_web.users.models import Role, User  # noqa: PLC0415

    if not databases:
        return []
    try:
        guarded = Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user")
        all_of_them = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
        bare = all_of_them.exclude(pk__in=guarded).count()
        nobody = not all_of_them.exists()
    except DatabaseError:
        return []  # not migrated yet
    if nobody:
        hint = "Add one: barograph user add EMAIL --role administrator"
        return [Warning("There is no administrator.", hint=hint, id="BW.W020")]
    if bare:
        told = f"{bare} {'administrator has' if bare == 1 else 'administrators have'} no second factor."
        hint = "They set one up under Your account; `must use` on the person's page asks them to."
        return [Warning(told, hint=hint, id="BW.W021")]
    return []
