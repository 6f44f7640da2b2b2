"""The review as flat rows for CSV: one row per account and section it is in."""

from __future__ import annotations

from barograph.reports.render.phrases import Record, printable
from barograph.reports.render.review_view import SECTIONS

Cell = str | int | float | bool | None
ENTRY_KEYS = (
    "rank", "account_id", "name", "segment", "plan_name", "owner", "arr", "score", "previous_tier", "tier",
    "weeks_in_tier", "heading", "about_to_turn", "notice_given", "opt_out", "opt_out_days", "renewal", "last_touch",
    "why", "tier_why", "lift", "priority", "renewal_probability",
    "expansion_probability", "downsell_probability",
)  # fmt: skip
PLAN_KEYS = ("owner_by", "touch_by", "plan_by", "touched_since")


def review_rows(document: Record) -> list[dict[str, Cell]]:
    """Rows in the order of the review; `section` is "attention" or a key of SECTIONS.

    An account that both changed and needs attention has a row in either section. Keys that an entry does not
    have (accounts that are gone know less) are None. Texts are made safe to print: a line break in a name would
    start a row of its own in a careless reader.
    """
    document = printable(document)
    return [
        _row(document, section, entry)
        for section in ("attention", *(key for key, *_ in SECTIONS))
        for entry in document[section] or ()
    ]


def _row(document: Record, section: str, entry: Record) -> dict[str, Cell]:
    change, plan = entry.get("change") or {}, entry.get("plan") or {}
    before, after = change.get("from"), change.get("to")
    return {
        "section": section,
        "as_of": document["workspace_as_of"],
        **{key: entry.get(key) for key in ENTRY_KEYS},
        "change": None if before is None or after is None else after - before,
        "currency": document["currency"],
        **{key: plan.get(key) for key in PLAN_KEYS},
        "model": document["model"]["version"],
        "label": document["label"],
    }
