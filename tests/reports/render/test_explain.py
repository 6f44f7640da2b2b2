"""The explained account in a terminal. Truths: the lines that are printed add up (H2), sentences by hand, accounts of
which little is known, widths, hostile names."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from barograph.reports.render.explain import explain_renderables
from support.review_document import HOSTILE

Document = dict[str, Any]


def signal(name: str, weight: float, points: float, contribution: float, **changes: Any) -> Document:
    return {"name": name, "label": name.replace("_", " "), "unit": "", "value": 1.0, "normalised": points,
            "weight": weight, "contribution": contribution, "missing": None, **changes}  # fmt: skip


def explained(**changes: Any) -> Document:
    """One account: two components, one signal without a value, a cap of 4 points, score 46."""
    components = [
        {"name": "adoption", "label": "Adoption", "score": 60.0, "weight": 75.0, "contribution": 45.0, "signals": [
            signal("active_users", 75.0, 60.0, 45.0),
            signal("logins", 0.0, None, 0.0, missing="stale_feed"),  # type: ignore[arg-type]
        ]},
        {"name": "support", "label": "Support", "score": 20.0, "weight": 25.0, "contribution": 5.0,
         "signals": [signal("open_tickets", 25.0, 20.0, 5.0)]},
    ]  # fmt: skip
    return {
        "schema": "barograph.explain/1", "workspace": "example", "workspace_as_of": "2026-11-16",
        "model": {"name": "saas", "version": "saas-v4", "title": "Annual contracts"}, "label": "heuristic",
        "outcomes": 0, "filled_in": False, "currency": "EUR", "account_id": "a-1", "as_of": "2026-11-16",
        "name": "Northwind", "segment": "smb", "plan": "basic", "lifecycle": "mature", "owner": None,
        "parent_account_id": None, "arr": 12_500.0, "renewal": "2027-04-04", "opt_out": "2026-11-17", "score": 46.0,
        "tier": "watch", "computed_tier": "watch", "tier_since": "2026-11-02", "tier_reason": "score",
        "held_by": None, "pending_tier": None, "insufficient_because": None, "coverage": 0.8, "base": 0.0,
        "components": components,
        "caps": [{"name": "p1", "label": "P1 open", "tier_at_most": "watch", "points": -4.0, "holds_tier": True},
                 {"name": "sponsor", "label": "Sponsor gone", "tier_at_most": "at_risk", "points": 0.0,
                  "holds_tier": False}],
        "heading": "declining", "about_to_turn": True, "weeks_in_tier": 2,
        "change": {"from": 52.5, "to": 46.0, "since": "2026-11-09", "statement": "items", "items": []},
        "track_record": {"lost": 9, "n": 22, "lead_days": 90},
        "why": "Open tickets rose from 1 to 4 (-2.5 points).", "tier_why": "Watch since 2 Nov.",
        "heading_words": "Watch for 2 weeks.", "lift": "14 points to Healthy.",
        "ledger": [
            {"kind": "data", "name": "open_tickets", "points": -2.5, "words": "open tickets rose from 1 to 4"},
            {"kind": "cap", "name": "p1", "points": -4.0, "words": "P1 open: score at 46 at most"},
            {"kind": "cap", "name": "sponsor", "points": 0.0, "words": "Sponsor gone: no longer the case"},
        ],
        "signals": [{"name": n, "label": n, "words": w, "weight": 1.0, "contribution": 1.0, "lost": 0.0}
                    for n, w in (("active_users", "31"), ("logins", "unknown"), ("open_tickets", "4"))],
        "targets": [
            {"name": "ttv", "label": "Live in 45 days", "stage": "time_to_value", "met": True, "value": "yes"},
            {"name": "act", "label": "Half are active", "stage": "activation", "met": False, "value": "31%"},
            {"name": "exp", "label": "A deal is open", "stage": "expansion", "met": None, "value": "unknown"},
        ],
        "history": [{"as_of": "2026-11-02", "score": None, "tier": "insufficient"},
                    {"as_of": "2026-11-09", "score": 52.5, "tier": "watch"},
                    {"as_of": "2026-11-16", "score": 46.0, "tier": "watch"}],
        "part_of": ["parent-1"],
    } | changes  # fmt: skip


def insufficient() -> Document:
    document = explained(
        score=None, base=None, tier="insufficient", caps=[], ledger=[], lift="", targets=[], part_of=[], history=[],
        change={"from": None, "to": None, "since": "2026-11-09", "statement": "still_insufficient", "items": []},
        arr=None, opt_out=None, renewal=None, name=None, segment=None, plan=None, track_record=None,
    )  # fmt: skip
    for component in document["components"]:
        component["score"] = None
    return document


def printed(document: Document, width: int = 80) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, width=width, color_system=None)
    for part in explain_renderables(document):
        console.print(part)
    return buffer.getvalue()


def line(text: str, start: str) -> str:
    return next(row.strip() for row in text.splitlines() if row.strip().startswith(start))


def figures(row: str) -> list[float]:
    return [float(part) for part in re.findall(r"(?<!\S)[-+]?\d+\.\d+", row)]


def test_the_points_printed_add_up_to_the_score() -> None:
    text = printed(explained())
    points = [figures(line(text, name))[2] for name in ("Adoption", "Support")]
    signals = [figures(line(text, name))[2] for name in ("active users", "open tickets")]
    caps = figures(line(text, "Caps   "))
    assert points == signals == [45.0, 5.0]
    assert figures(line(text, "Score   ")) == [sum(points) + caps[0]] == [46.0]


def test_the_ledger_printed_adds_up_to_the_change() -> None:
    text = printed(explained())
    moved = [figures(line(text, start))[0] for start in ("open tickets rose", "P1 open: score")]
    assert figures(line(text, "Score on 9 Nov"))[0] + sum(moved) == figures(line(text, "Score now"))[0]
    assert line(text, "Sponsor gone: no longer").endswith("tier only")


def test_what_a_reader_must_see() -> None:
    text = " ".join(printed(explained(), 120).split())
    for told in (
        "HEURISTIC: expert weights, not validated against renewals yet",
        "higher is healthier",
        "46 -6.5 Watch, about to turn",
        "EUR 12,500, opt-out in 1 day (17 Nov 2026), renewal 4 Apr 2027",
        "owner nobody yet",
        "part of parent-1",
        "80% of what the model looks at",
        "9 of 22 accounts that scored like this 90 days before were lost",
        "·▅▄ since 2 Nov 2026: lowest 46, highest 52",
        "feed stopped",
        "what a signal without a value would weigh is spread over the others",
        "P1 open: Watch at most, holds the tier, -4 points",
        "Sponsor gone: At Risk at most, does not bind this week",
        "Live in 45 days time to value yes met",
        "Half are active activation 31% not met",
        "A deal is open expansion unknown unknown",
    ):
        assert told in text, told


def test_without_a_score_nothing_pretends_to_add_up() -> None:
    text = printed(insufficient())
    assert "Too little is known, so there is no score." in text
    assert "No score in one of the two weeks, so there is no difference to explain." in text
    assert figures(line(text, "active users")) == [60.0], "the signal's own standing, no points"
    assert "revenue unknown" in text


def test_a_change_since_an_unknown_day() -> None:
    change = explained()["change"] | {"since": None}
    assert line(printed(explained(change=change)), "Score before").endswith("52.5")


@pytest.mark.parametrize(
    ("change", "ledger", "told"),
    [
        (None, [], "The account's first week with a score"),
        (
            {"from": 46.0, "to": 46.0, "since": "2026-11-09", "statement": "items"},
            [],
            "Nothing moved. Score 46.0 on 9",
        ),
        ({"from": 50.0, "to": 46.0, "since": "2026-11-09", "statement": "restated"}, [], "Open tickets rose"),
    ],
)
def test_weeks_without_lines(change: Document | None, ledger: list[Document], told: str) -> None:
    assert told in printed(explained(change=change, ledger=ledger), 120)


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize(
    "document", [explained(), explained(name=HOSTILE, why=HOSTILE, owner=HOSTILE), insufficient()]
)
def test_lines_fit_and_steer_nothing(document: Document, width: int) -> None:
    text = printed(document, width)
    assert max(cell_len(row) for row in text.splitlines()) <= min(width, 120)
    assert "\x1b" not in text


def test_markup_in_names_is_text() -> None:
    assert "[red]North[/red]" in printed(explained(name="[red]North[/red]"))
