"""Dates, money, tiers and deadlines as a reader says them; every output of a document uses these words.

Dates come as ISO text, as documents hold them. Everything here returns plain text: whoever writes it into
HTML, Markdown or a terminal escapes it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from barograph.core.calendar import day_number
from barograph.core.words import day_words, money
from barograph.core.words_ledger import points_words
from barograph.definitions.base import TIER_ORDER

Record = Mapping[str, Any]
Way = Literal["down", "up", "aside", "same"]
ARROWS: dict[Way, str] = {"down": "▼", "up": "▲", "aside": "▶", "same": ""}
BLOCKS = "▁▂▃▄▅▆▇█"
NO_SCORE = "·"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(value: Any) -> Any:
    """A document with every text made safe to print: one line, no control characters, no turned direction.

    Names come from customers' systems; an escape sequence in one must not reach a terminal.
    """
    if isinstance(value, str):
        return _INVISIBLE.sub("", _CONTROLS.sub(" ", value)).strip()
    if isinstance(value, Mapping):
        return {key: printable(item) for key, item in value.items()}
    return [printable(item) for item in value] if isinstance(value, (list, tuple)) else value


def date_words(iso: str | None) -> str:
    """ "4 Jan 2027"; "" for None."""
    if iso is None:
        return ""
    day = day_number(date.fromisoformat(iso))
    return f"{day_words(day, day)} {iso[:4]}"


def short_date(iso: str | None, as_of: str) -> str:
    """ "28 Oct", with the year where it is not that of `as_of`; "" for None."""
    if iso is None:
        return ""
    return day_words(day_number(date.fromisoformat(iso)), day_number(date.fromisoformat(as_of)))


def days_until(iso: str, as_of: str) -> int:
    """Days from `as_of` to the date, negative once it has passed."""
    return (date.fromisoformat(iso) - date.fromisoformat(as_of)).days


def days_words(days: int) -> str:
    """ "1 day", "49 days"."""
    return f"{days:,} day{'' if days == 1 else 's'}"


def counted(count: int, one: str, many: str = "") -> str:
    """ "1 account", "12 accounts"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def until_words(iso: str, as_of: str) -> str:
    """ "in 49 days", "today", "passed 50 days ago"."""
    days = days_until(iso, as_of)
    if days == 0:
        return "today"
    return f"in {days_words(days)}" if days > 0 else f"passed {days_words(-days)} ago"


def due_words(iso: str, as_of: str) -> str:
    """ "due in 2 days", "due today", "overdue by 14 days"."""
    days = days_until(iso, as_of)
    if days == 0:
        return "due today"
    return f"due in {days_words(days)}" if days > 0 else f"overdue by {days_words(-days)}"


def tier_words(tier: str, labels: Mapping[str, str]) -> str:
    """The tier's label, else its name made readable."""
    if tier in labels:
        return labels[tier]
    return "Insufficient data" if tier == "insufficient" else tier.replace("_", " ").title()


def way(before: str | None, after: str) -> Way:
    """Which way an account moved; "aside" to or from insufficient data, which is neither better nor worse."""
    if before is None or before == after:
        return "same"
    if before not in TIER_ORDER or after not in TIER_ORDER:
        return "aside"
    return "up" if TIER_ORDER.index(after) > TIER_ORDER.index(before) else "down"


def move_words(before: str | None, after: str, weeks: int | None, labels: Mapping[str, str]) -> str:
    """ "down from Healthy", "up from Watch", "for 3 weeks", "new"."""
    direction = way(before, after)
    if before is not None and direction != "same":
        start = "" if direction == "aside" else f"{direction} "
        return f"{start}from {tier_words(before, labels)}"
    if before is None and not weeks:
        return "new"
    return "" if weeks is None else "since this week" if weeks == 0 else f"for {counted(weeks, 'week')}"


def score_words(score: float | None) -> str:
    """A whole number, which is how scores are shown; "no score" where it is null."""
    return "no score" if score is None else f"{score:.0f}"


def change_words(change: Record | None) -> str:
    """ "+0.4", "±0"; "" where there is no difference to tell."""
    if not change or change.get("from") is None or change.get("to") is None:
        return ""
    moved = round(change["to"] - change["from"], 1)
    return "±0" if moved == 0 else f"{moved:+.1f}"


def revenue_words(value: float | None, currency: str) -> str:
    """ "EUR 211,310", to whole units; "revenue unknown" for None."""
    return "revenue unknown" if value is None else money(round(value), currency)


def rough_money(value: float, currency: str) -> str:
    """ "EUR 8.6 M", "EUR 98 k": for headlines, where three digits are enough."""
    size = abs(value)
    for least, unit, letter in ((999_500_000, 1e9, "bn"), (999_500, 1e6, "M"), (9_950, 1e3, "k")):
        if size >= least:
            part = value / unit
            return (
                f"{currency} {part:.1f} {letter}" if abs(part) < 9.95 else f"{currency} {part:,.0f} {letter}"
            )
    return money(round(value), currency)


def sparkline(scores: list[float | None]) -> str:
    """Scores of 0 to 100 as block characters on that whole scale, a dot for a week without one."""
    return "".join(
        NO_SCORE if v is None else BLOCKS[min(len(BLOCKS) - 1, max(0, int(v / 100 * len(BLOCKS))))]
        for v in scores
    )


def track_words(record: Record | None) -> str:
    """ "9 of 22 accounts that scored like this 90 days before were lost"; "" without a track record."""
    if not record or not record.get("n"):
        return ""
    lead = "" if record.get("lead_days") is None else f" {days_words(record['lead_days'])} before"
    told = f"{record['lost']:,} of {record['n']:,} accounts that scored like this{lead} were lost"
    low, high = record.get("low"), record.get("high")
    return (
        told
        if low is None or high is None
        else f"{told} ({low * 100:.0f}% to {high * 100:.0f}% is plausible)"
    )


def chance_words(entry: Record) -> str:
    """ "renewal probability 62%; if it stays, grows with 20%"; "" where nothing was learnt, or nothing can be said."""
    share = chance_share(entry)
    answers = {"grows": "expansion_probability", "is reduced": "downsell_probability"}
    told = {words: chance_share(entry, key) for words, key in answers.items()}
    stays = " and ".join(f"{words} with {chance}" for words, chance in told.items() if chance)
    parts = (f"renewal probability {share}" if share else "", f"if it stays, {stays}" if stays else "")
    return "; ".join(part for part in parts if part)


def chance_share(entry: Record, key: str = "renewal_probability") -> str:
    """A probability of an entry in whole per cent, which never claims certainty; "" without one."""
    chance = entry.get(key)
    if chance is None:
        return ""
    if chance < 0.01:
        return "under 1%"
    return "over 99%" if chance > 0.99 else f"{chance * 100:.0f}%"


def record_words(entry: Record) -> str:
    """Renewal probability and track record of an entry, as far as there are any."""
    return "; ".join(part for part in (chance_words(entry), track_words(entry.get("track_record"))) if part)


def line_words(item: Record) -> str:
    """One line of a ledger without its points: its own words, else its name made readable."""
    return str(item.get("words") or item["name"].replace("_", " "))


def line_points(item: Record) -> str:
    """ "+0.6 points"; "tier only" for lines that hold or free a tier without taking points."""
    if item["points"] == 0 and item["kind"] in ("cap", "overlay"):
        return "tier only"
    return points_words(item["points"])
