"""What makes customer-facing steps wait: apps above register a function that says for which accounts, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

Hold = Callable[[list[str]], Mapping[str, str]]
"""Account ids -> those of them whose customer-facing steps wait, each with the reason in plain words."""

HOLDS: list[Hold] = []


def register(hold: Hold) -> None:
    """Have `hold` asked; the same function twice is one. Called in AppConfig.ready."""
    if hold not in HOLDS:
        HOLDS.append(hold)


def held(account_ids: Iterable[str]) -> dict[str, str]:
    """The accounts whose customer-facing steps wait, with the reason; the first that says so stands.

    One call per registered function, however many accounts.
    """
    wanted = list(dict.fromkeys(account_ids))
    found: dict[str, str] = {}
    for hold in HOLDS if wanted else ():
        for account_id, reason in hold(wanted).items():
            found.setdefault(account_id, reason)
    return found
