"""Figures over many rows, remembered by this process for as long as the rows stand.

Not in the cache of the database: a page that only reads must not wait for whoever is writing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

from barograph_web.portfolio.models import Account, Week

AT_MOST = 256
"""Results kept; the one that was asked for longest ago goes first."""
T = TypeVar("T")
_KEPT: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
_LOCK = threading.Lock()


def remembered(name: str, weeks: Sequence[Week], accounts: QuerySet[Account], make: Callable[[], T]) -> T:
    """The result of `make`, remembered for what was published in `weeks` and for just these accounts.

    name: what is computed, with its parameters. A week's row is replaced when it is published anew, so its number
    names its content; the query of the accounts names who sees them. Callers share the result and do not change it.
    """
    if accounts.query.is_empty():
        return make()
    scope = str(accounts.query) if accounts.query.has_filters() else "all"
    key = (name, scope, *(week.pk for week in weeks))
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            found: T = _KEPT[key]
            return found
    made = make()
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > AT_MOST:
            _KEPT.popitem(last=False)
    return made


def forget() -> None:
    """Everything. Rows that change under their numbers, as tests do it, need it."""
    with _LOCK:
        _KEPT.clear()
