"""Small documents written by hand: a review with something in every section, an empty one, a hostile one."""

from __future__ import annotations

import copy
from typing import Any

Document = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&|`*_[link](http://evil.example)\x1b[31m\n# =1+1"
"""Everything that breaks out of HTML, Markdown, a terminal or a table cell, in one name."""


def entry(account_id: str, **changes: Any) -> Document:
    """One account of a review; every key is there."""
    base: Document = {
        "rank": None,
        "account_id": account_id,
        "name": account_id.title(),
        "segment": "enterprise",
        "plan_name": "enterprise",
        "owner": "mei@example.com",
        "arr": 100_000.0,
        "score": 62.4,
        "tier": "watch",
        "previous_tier": "healthy",
        "weeks_in_tier": 0,
        "change": {
            "from": 71.0,
            "to": 62.4,
            "since": "2026-11-09",
            "statement": "items",
            "items": [
                item("data", "sponsor_active", -10.0, "active sponsor: was yes, now no"),
                item("data", "active_users", 1.4, "active users rose from 12 to 14"),
            ],
        },
        "history": [80.0, 79.5, None, 78.0, 77.0, 76.0, 75.0, 74.0, 73.0, 72.0, 71.0, 62.4],
        "tier_lines": {"at_risk": 0.0, "watch": 55.0, "healthy": 70.0, "growth": 85.0},
        "why": "Active sponsor: was yes, now no (-10 points).",
        "tier_why": "Watch since 16 Nov: score 62.4, between the lines of 55 and 70.",
        "heading": "declining",
        "about_to_turn": False,
        "lift": "7.6 points to Healthy; active sponsor yes (now no): +10 points.",
        "renewal": "2027-04-04",
        "opt_out": "2027-01-04",
        "opt_out_days": 49,
        "notice_given": False,
        "last_touch": "2026-10-30",
        "plan": {
            "owner": "mei@example.com",
            "owner_by": None,
            "touch_by": "2026-11-23",
            "plan_by": "2026-11-25",
            "touched_since": False,
        },
        "priority": 240_000.0,
        "priority_words": "EUR 100,000 x 0.6 (Watch) x 2 (tier down this week) x 2 (90 days to the opt-out deadline)",
        "track_record": None,
    }
    made = base | changes
    if "history" not in changes:
        made["history"] = [*base["history"][:-1], made["score"]]
    return made


def item(kind: str, name: str, points: float, words: str | None = None) -> Document:
    """One line of a change ledger."""
    found: Document = {"kind": kind, "name": name, "points": points, "cause": "moved", "value_before": 1.0,
                       "value_after": 0.0}  # fmt: skip
    return found if words is None else found | {"words": words}


def review() -> Document:
    """A review of Monday 16 Nov 2026 with something in every section."""
    at_risk = entry(
        "northwind",
        rank=1,
        name="Northwind",
        arr=211_310.4,
        score=35.0,
        tier="at_risk",
        previous_tier="at_risk",
        weeks_in_tier=3,
        notice_given=True,
        opt_out="2026-09-27",
        opt_out_days=-50,
        plan={
            "owner": None,
            "owner_by": "2026-10-27",
            "touch_by": "2026-10-28",
            "plan_by": "2026-11-16",
            "touched_since": True,
        },
        owner=None,
        track_record={
            "band": "30-40",
            "lead_days": 90,
            "n": 22,
            "lost": 9,
            "rate": 0.41,
            "low": 0.23,
            "high": 0.61,
        },
    )
    fallen = entry("harbour", rank=2, name="Harbour & Sons", about_to_turn=True)
    return {
        "schema": "barograph.review/1",
        "workspace": "example",
        "workspace_as_of": "2026-11-16",
        "model": {"name": "saas", "version": "saas-v4", "title": "Annual contracts"},
        "label": "heuristic",
        "outcomes": 0,
        "filled_in": False,
        "between_weeks": False,
        "currency": "EUR",
        "previous_as_of": "2026-11-09",
        "filter": {"owner": None, "segment": "enterprise"},
        "accounts": 9,
        "arr": 811_310.4,
        "track_record": None,
        "warnings": [
            {"kind": "stale_feed", "text": "events brought nothing new: active users left out.", "accounts": 9},
            {"kind": "quarantine", "text": "Rows wait in quarantine: 3 of tickets. `barograph status` says why.",
             "accounts": 0},
        ],
        "attention": [at_risk, fallen],
        "attention_eligible": 3,
        "attention_left_out": 1,
        "attention_left_out_arr": 12_000.0,
        "worse": [{**fallen, "rank": None}, entry("kiln", name="Kiln", track_record=None)],
        "newly_healthy": [entry("lumen", tier="healthy", previous_tier="watch", score=78.0)],
        "score_lost": [
            entry("pebble", tier="insufficient", previous_tier="watch", score=None,
                  change={"from": 64.0, "to": None, "since": "2026-11-09", "statement": "became_insufficient",
                          "items": []}, why="Only 40% of what the model looks at is known.", lift="")
        ],
        "score_found": [entry("raven", previous_tier="insufficient", change=None)],
        "growth": [entry("orchard", tier="growth", previous_tier="healthy", score=91.0, lift="")],
        "better": [entry("quarry", tier="watch", previous_tier="at_risk", score=58.0)],
        "moved_by_model": [entry("saddle", tier="healthy", previous_tier="growth")],
        "new": [entry("tern", previous_tier=None, change=None, history=[None] * 11 + [66.0])],
        "gone": [
            {"account_id": "umber", "name": "Umber", "owner": None, "arr": None, "score": 41.0, "tier": "at_risk",
             "weeks_in_tier": 9, "renewal": "2026-11-12"}
        ],
        "tiers": [
            {"tier": "at_risk", "label": "At Risk", "accounts": 1, "arr": 211_310.4, "accounts_before": 2},
            {"tier": "watch", "label": "Watch", "accounts": 4, "arr": 400_000.0, "accounts_before": 2},
            {"tier": "healthy", "label": "Healthy", "accounts": 2, "arr": 100_000.0, "accounts_before": 3},
            {"tier": "growth", "label": "Growth", "accounts": 1, "arr": 100_000.0, "accounts_before": 1},
            {"tier": "insufficient", "label": "Insufficient data", "accounts": 1, "arr": 0.0, "accounts_before": 0},
        ],
        "movement": {
            "states": ["at_risk", "watch", "healthy", "growth", "insufficient", "not_there"],
            "count": [[1, 1, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0], [0, 2, 0, 1, 0, 0], [0, 0, 1, 0, 0, 0],
                      [0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]],
            "arr": [[211_310.4, 1e5, 0, 0, 0, 5e4], [0, 0, 1e5, 0, 0, 0], [0, 2e5, 0, 1e5, 0, 0], [0, 0, 1e5, 0, 0, 0],
                    [0, 0, 0, 0, 0, 0], [0, 1e5, 0, 0, 0, 0]],
            "up": 3, "down": 3, "up_arr": 300_000.0, "down_arr": 300_000.0,
        },
        "structural_alarm": {
            "raised": True,
            "since": "2026-10-12",
            "share_count": 0.09,
            "share_arr": 0.15,
            "breakdown": {
                "segment": [{"value": "enterprise", "accounts": 6, "net_count": 2, "net_arr": 200_000.0},
                            {"value": "smb", "accounts": 3, "net_count": 0, "net_arr": 0.0}],
                "csm_email": [{"value": "mei@example.com", "accounts": 5, "net_count": 2, "net_arr": 200_000.0}],
            },
        },
        "rollups": [
            {"account_id": "harbour", "kind": "parent", "score": 65.0, "tier": "watch", "coverage": 1.0,
             "arr": 200_000.0, "decided_by": "harbour", "parts": [
                 {"account_id": "harbour", "score": 62.4, "tier": "watch", "share": 0.5, "contribution": 31.2},
                 {"account_id": "harbour-north", "score": None, "tier": "insufficient", "share": 0.5,
                  "contribution": 0.0}]},
        ],
    }  # fmt: skip


def empty() -> Document:
    """The first week of a workspace without accounts: every list is empty, what can be None is None."""
    document = review()
    for key in ("warnings", "attention", "worse", "newly_healthy", "growth", "better", "score_lost", "score_found",
                "moved_by_model", "new", "gone",
                "rollups"):  # fmt: skip
        document[key] = []
    return document | {
        "previous_as_of": None,
        "filter": {"owner": None, "segment": None},
        "accounts": 0,
        "arr": 0.0,
        "attention_left_out": 0,
        "attention_left_out_arr": 0.0,
        "movement": None,
        "structural_alarm": None,
        "tiers": [tier | {"accounts": 0, "arr": 0.0, "accounts_before": None} for tier in document["tiers"]],
    }


def bare() -> Document:
    """Accounts of which nothing is known: no score, name, revenue, owner, dates, plan or change."""
    nothing = dict.fromkeys(entry("x"))
    unknown = nothing | {
        "account_id": "a-1", "rank": 1, "tier": "insufficient", "history": [None] * 12, "why": "", "tier_why": "",
        "lift": "", "plan": {},
    }  # fmt: skip
    document = empty()
    for key in (
        "attention",
        "worse",
        "newly_healthy",
        "growth",
        "better",
        "score_lost",
        "score_found",
        "moved_by_model",
        "new",
        "gone",
    ):
        document[key] = [copy.deepcopy(unknown)]
    return document


def hostile() -> Document:
    """The review with HOSTILE in every text that a customer's data can set."""
    return _poison(review())


TEXTS = frozenset(
    ("name", "segment", "plan_name", "owner", "value", "words", "why", "tier_why", "lift", "text", "workspace", "title",
     "priority_words", "account_id", "decided_by", "label")
)  # fmt: skip


def _poison(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: v if k == "label" and v == "heuristic" else _poison(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_poison(v, key) for v in value]
    return f"{value}{HOSTILE}" if key in TEXTS and isinstance(value, str) else value
