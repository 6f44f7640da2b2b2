"""The app `users`."""

from __future__ import annotations

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """People, roles, teams, stand-ins, tokens and sign-in."""

    name = "barograph_web.users"
    verbose_name = "users"

    def ready(self) -> None:
        """Pages under Administration, and what is audited of sign-in."""
        from barograph_web.users import administration, signals  # noqa: F401, PLC0415 - models are ready only now
        from barograph_web.users.permissions import May  # noqa: PLC0415

        for position, label, view in (
            (20, "People", "users:people"),
            (30, "Teams", "users:teams"),
            (40, "Stand-ins", "users:stand_ins"),
        ):
            administration.register(administration.Tab(position, label, view, (May.MANAGE_PEOPLE,)))
