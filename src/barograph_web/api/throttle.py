"""How many requests a token may make: a fixed window, counted in the cache that all processes share."""

from __future__ import annotations

import math
import re
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from barograph_web.api.auth import Caller

PERIODS = {"s": 1, "m": 60, "h": 3600}


def parse_rate(text: str) -> tuple[int, int]:
    """(requests, seconds) of "600/m". Raises ValueError naming the value and what was expected."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})/([smh])", text)
    if found is None:
        raise ValueError(f"BAROGRAPH_API_RATE: {text!r} is not of the form 600/m (s, m or h)")
    return int(found[1]), PERIODS[found[2]]


class CallerThrottle(BaseThrottle):
    """Counts per token (or person, for sessions); beyond the rate: 429 with the seconds to wait in Retry-After."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether there is still room in this window."""
        who = getattr(request, "auth", None)
        if not isinstance(who, Caller):
            return True
        most, period = self._rate()
        key = f"api-rate:{who.name}:{int(time.time() // period)}"
        cache.add(key, 0, timeout=2 * period)
        try:
            return bool(cache.incr(key) <= most)
        except ValueError:  # the window ended between the two calls
            return True

    def wait(self) -> float:
        """Seconds until the next window."""
        _, period = self._rate()
        return math.ceil(period - time.time() % period)

    def _rate(self) -> tuple[int, int]:
        return parse_rate(settings.OPTIONS_IN_FORCE.api_rate)
