"""The verbs that work, in the order of their use. A verb is listed here when it does its whole job.

A verb's module is read when it is called: what one of them needs, statistics above all, must not make the others
slow to start. Other packages (the application) add theirs through the entry-point group `barograph.verbs`.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, NamedTuple

import typer


class Verb(NamedTuple):
    """Where a verb is: its module in `package`, the function or group in it, and its first sentence."""

    module: str
    name: str
    summary: str
    package: str = "barograph.cli"


VERBS: dict[str, Verb] = {
    "demo": Verb(
        "demo",
        "demo",
        "Make the seeded company, audit its old score, learn, score its history, print the review.",
    ),
    "init": Verb("init", "init", "Make a workspace."),
    "import": Verb("import_", "import_files", "Bring tables in by the data contract."),
    "status": Verb(
        "status", "status", "What is imported and how fresh, which weeks are scored, which model is in force."
    ),
    "signals": Verb("signals", "app", "Signals: definitions, coverage and values."),
    "audit-score": Verb(
        "audit_score", "audit_score", "Judge an older system's scores against real decisions."
    ),
    "screen": Verb("screen", "screen", "Compare kept with lost accounts on every candidate signal."),
    "milestones": Verb("milestones", "milestones", "Find milestones that go with renewal."),
    "learn": Verb("learn", "learn", "Propose a model version from what became of past accounts."),
    "validate": Verb(
        "validate",
        "validate",
        "Judge the model in force beside the proposed one, the heuristic and a challenger.",
    ),
    "models": Verb("models", "app", "Versions of the model and proposals for new ones."),
    "refresh": Verb(
        "refresh", "refresh", "Compute signals, scores and tiers for the week, or the last N weeks."
    ),
    "scores": Verb("scores", "scores", "Score, tier, components and contributions per account."),
    "explain": Verb("explain", "explain", "Why an account scores as it does."),
    "plays": Verb("plays", "app", "Plays: definitions, lint, and what a week would have opened."),
    "review": Verb("review", "review", "The Monday review: what changed, why, and what needs attention."),
}


@cache
def all_verbs() -> dict[str, Verb]:
    """The verbs of the library and those that installed packages add: each entry point is such a table."""
    added = (point.load() for point in entry_points(group="barograph.verbs"))
    return VERBS | {name: verb for table in added for name, verb in table.items()}


def load(name: str) -> Any:
    """The command of a verb, its module read now. Raises KeyError for a name that is no verb."""
    verb = all_verbs()[name]
    target = getattr(import_module(f"{verb.package}.{verb.module}"), verb.name)
    if isinstance(target, typer.Typer):
        target.info.name = name
        group: Any = typer.main.get_command(target)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    single.command(name)(target)
    return typer.main.get_command(single)


class Commands(MutableMapping[str, Any]):
    """The verbs by name; each is loaded when it is asked for, and kept."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = load(name)
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in all_verbs() or name in self._loaded

    def __iter__(self) -> Iterator[str]:
        verbs = all_verbs()
        return iter([*verbs, *(name for name in self._loaded if name not in verbs)])

    def __len__(self) -> int:
        return len(list(iter(self)))
