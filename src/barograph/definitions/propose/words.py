"""What names tell: which way a figure is healthy, whether it is mere activity, whether it is a purchase."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from barograph.definitions.base import Direction

_LESS_STEMS = (
    "abandon", "backlog", "bounce", "cancel", "churn", "complain", "crash", "delay", "downtime", "escalat",
    "error", "fail", "incident", "latenc", "outage", "overdue", "refund", "reject", "reopen", "timeout",
    "unpaid", "unsubscrib",
)  # fmt: skip
_LESS_WORDS = frozenset({"bug", "bugs", "debt", "late", "lost", "risk", "wait", "waiting"})
_ACTIVITY_STEMS = (
    "click", "heartbeat", "impression", "login", "pageview", "session", "signin", "view", "visit", "webinar",
)  # fmt: skip
_ACTIVITY_WORDS = frozenset({"log", "logged", "page", "pages", "ping"})
_BUYING_STEMS = ("checkout", "purchas", "transaction")
_BUYING_WORDS = frozenset({"basket", "bought", "buy", "order", "ordered", "orders", "sale", "sales", "sold"})


def tokens(name: str) -> list[str]:
    """The words of a name in any of the usual spellings: pageViews, page-view, PAGE VIEW."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [part for part in re.split(r"[^\w]+|_", spaced.casefold()) if part]


def direction_of(name: str) -> Direction:
    """Whether more or less of it is healthier, guessed from its name; more when nothing speaks against it."""
    return "down" if _any(tokens(name), _LESS_STEMS, _LESS_WORDS) else "up"


def is_activity(name: str) -> bool:
    """Whether the name is one of presence (logins, views) and not of a result."""
    return _any(tokens(name), _ACTIVITY_STEMS, _ACTIVITY_WORDS)


def is_purchase(name: str) -> bool:
    """Whether the name is one of buying."""
    return _any(tokens(name), _BUYING_STEMS, _BUYING_WORDS)


def is_return(name: str) -> bool:
    """Whether the name is one of giving back or calling off what was bought."""
    return _any(tokens(name), ("cancel", "refund"), frozenset({"return", "returned", "returns"}))


def slug(name: str, limit: int = 36) -> str:
    """A name for a signal: small letters, digits and underscores, a letter first (x where there is none)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    joined = re.sub(r"[^a-z0-9]+", "_", "_".join(tokens(plain)))[:limit].strip("_")
    return joined if joined[:1].isalpha() else f"x_{joined}".rstrip("_")


def plain(name: str) -> str:
    """A name for a reader: `workflow_run` is workflow run."""
    return " ".join(tokens(name)) or name


def same_word(word: str, words: Iterable[str]) -> str | None:
    """The word as the data spells it: itself, else one that differs in case and separators only."""
    known = list(words)
    if word in known:
        return word
    wanted = "".join(tokens(word))
    return next((other for other in known if "".join(tokens(other)) == wanted), None)


def _any(words: Iterable[str], stems: tuple[str, ...], whole: frozenset[str]) -> bool:
    return any(word in whole or word.startswith(stems) for word in words)
