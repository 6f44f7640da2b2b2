"""Where the team's capacity ends, in words and rows, for every output of the review."""

from __future__ import annotations

from dataclasses import dataclass

from barograph.reports.render.phrases import Record, counted, revenue_words, rough_money, tier_words

MOST_ACCOUNTS = 20
MOST_OWNERS = 12


@dataclass(frozen=True, slots=True)
class CapacityView:
    """words: the line in sentences. accounts: (name, tier, tier label, owner, revenue) below the line, most urgent
    first; owners: (owner, to work, beyond, revenue beyond) of those with more than they can work. more: what the two
    lists leave out, "" for nothing."""

    words: str
    accounts: tuple[tuple[str, str, str, str, str], ...]
    owners: tuple[tuple[str, str, str, str], ...]
    more: str


def capacity_view(document: Record | None, labels: Record, currency: str) -> CapacityView | None:
    """The view of the `capacity` block of a review; None where the workspace sets no capacity."""
    if not document:
        return None
    beyond = document["beyond_accounts"]
    over = [o for o in document["owners"] if o["beyond"]]
    left = [
        counted(len(beyond) - MOST_ACCOUNTS, "more account") if len(beyond) > MOST_ACCOUNTS else "",
        counted(len(over) - MOST_OWNERS, "more owner") if len(over) > MOST_OWNERS else "",
    ]
    told = " and ".join(part for part in left if part)
    return CapacityView(
        words=document["words"],
        accounts=tuple(
            (
                a["name"],
                a["tier"],
                tier_words(a["tier"], labels),
                a["owner"] or "nobody",
                revenue_words(a["arr"], currency),
            )
            for a in beyond[:MOST_ACCOUNTS]
        ),
        owners=tuple(
            (
                o["owner"] or "nobody",
                f"{o['to_work']:,}",
                f"{o['beyond']:,}",
                rough_money(o["beyond_arr"], currency),
            )
            for o in over[:MOST_OWNERS]
        ),
        more=f"{told[:1].upper()}{told[1:]} in the JSON document." if told else "",
    )
