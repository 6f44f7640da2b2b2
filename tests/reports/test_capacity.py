"""Where capacity ends (H1). Truths: property (the line cuts the list of the review in two and moves no tier), by hand,
bad settings named."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from barograph.core.capacity import capacity_line
from barograph.core.thresholds import AT_RISK, WATCH
from barograph.errors import UsageError
from barograph.reports.capacity import WorkList, capacity_entry
from barograph.reports.context import WeekContext, week_context
from barograph.reports.render.html import review_html
from barograph.reports.render.markdown import review_markdown
from barograph.reports.render.terminal import review_renderables
from barograph.reports.review import review_document
from barograph.workspace import Capacity, Workspace, read_settings
from support.chain_company import DAYS, Company

Document = dict[str, Any]


@pytest.fixture(scope="module")
def week(company: Company) -> WeekContext:
    return week_context(company.place, DAYS[-1])


def reviewed(
    week: WeekContext, owner: str | None = None, segment: str | None = None, **capacity: float
) -> Document:
    """The review of the week with these settings."""
    settings = week.workspace.settings.model_copy(update={"capacity": Capacity.model_validate(capacity)})
    place = Workspace(week.workspace.path, settings)
    return review_document(replace(week, workspace=place), owner, segment)


def test_without_the_setting_there_is_no_line(week: WeekContext) -> None:
    assert reviewed(week)["capacity"] is None
    assert "Where capacity ends" not in review_html(reviewed(week))


def test_capacity_moves_the_line_and_no_tier(week: WeekContext) -> None:
    plain = reviewed(week)
    worked = []
    for each in (0.25, 0.5, 1, 3, 1_000):
        document = reviewed(week, accounts_per_csm=each)
        block = document.pop("capacity")
        assert document == {key: value for key, value in plain.items() if key != "capacity"}
        assert block["worked"] + block["beyond"] == block["to_work"]
        assert len(block["beyond_accounts"]) == block["beyond"]
        worked.append(block["worked"])
    assert worked == sorted(worked)
    assert worked[0] < worked[-1] == block["to_work"] > 0
    tiers = {t["tier"]: t["accounts"] for t in plain["tiers"]}
    assert block["to_work"] == tiers["at_risk"] + tiers["watch"]


def test_the_line_cuts_the_list_of_the_review(week: WeekContext) -> None:
    document = reviewed(week, accounts_per_csm=0.5)
    block = document["capacity"]
    listed = [e["account_id"] for e in document["attention"] if e["tier"] in ("at_risk", "watch")]
    below = {a["account_id"] for a in block["beyond_accounts"]}
    cut = [account in below for account in listed]
    assert cut == sorted(cut), "an account above the line stands below one that is not worked"
    known = {row["account_id"]: row["arr"] for row in week.rows}
    assert block["beyond_arr"] == pytest.approx(sum(known[a] or 0 for a in below))
    assert f"nobody is working {block['beyond']} accounts" in block["words"]
    assert "The line moves no tier." in block["words"]


def test_one_owner_has_an_own_line_and_a_segment_keeps_that_of_the_team(week: WeekContext) -> None:
    whole = reviewed(week, accounts_per_csm=1)["capacity"]
    owners = {o["owner"]: o for o in whole["owners"]}
    assert sum(o["to_work"] for o in owners.values()) == whole["to_work"]
    assert all(o["worked"] == min(1, o["to_work"]) for name, o in owners.items() if name)
    name = next(name for name, o in owners.items() if name and o["beyond"])
    own = reviewed(week, owner=name, accounts_per_csm=1)["capacity"]
    assert (own["csms"], own["worked"], own["beyond"]) == (1, 1, owners[name]["beyond"])
    parts = [
        reviewed(week, segment=s, accounts_per_csm=1)["capacity"]
        for s in sorted({row["segment"] for row in week.rows})
    ]
    for key in ("to_work", "worked", "beyond", "beyond_at_risk"):
        assert sum(p[key] for p in parts) == whole[key]


def test_hours_count_by_tier() -> None:
    rows = [
        {"account_id": f"a{i}", "name": None, "csm_email": "x@example.com", "tier": t, "arr": 100.0 * (i + 1),
         "renewal_probability": 0.5 if i else None}
        for i, t in enumerate(("at_risk", "watch", "watch", "healthy"))
    ]  # fmt: skip
    tier = np.array([AT_RISK, WATCH, WATCH, 2], dtype=np.int8)
    found = WorkList(rows, np.array([4.0, 3.0, 2.0, 9.0]), tier, np.ones(4, dtype=bool))
    settings = Capacity(hours_per_csm=3, hours_at_risk=2, hours_watch=1)
    block = capacity_entry(settings, found, "EUR", None)
    assert block is not None
    assert (block["by"], block["worked"], block["last_worked"]) == ("hours", 2, "a1")
    assert [a["account_id"] for a in block["beyond_accounts"]] == ["a2"]
    assert (block["beyond_arr"], block["beyond_expected_loss"]) == (300.0, 150.0)
    larger = capacity_entry(settings.model_copy(update={"csms": 2}), found, "EUR", None)
    assert larger is not None and larger["beyond"] == 0
    assert "can work all 3 accounts" in larger["words"]


def test_every_output_shows_the_line(week: WeekContext) -> None:
    document = reviewed(week, accounts_per_csm=0.5)
    json.dumps(document, allow_nan=False)
    console = Console(file=io.StringIO(), width=100, color_system=None)
    for part in review_renderables(document):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    first = document["capacity"]["beyond_accounts"][0]["name"]
    for text in (console.file.getvalue(), review_html(document), review_markdown(document)):
        assert "Where capacity ends" in text
        assert first in text.replace("\\", "").replace("&#39;", "'").replace("&amp;", "&")


def test_two_measures_at_once_are_refused_by_name(company: Company, tmp_path: Any) -> None:
    file = tmp_path / "barograph.toml"
    for text, words in (
        ("accounts_per_csm = 5\nhours_per_csm = 10", "not both"),
        ("accounts_per_csm = 0", r"capacity\.accounts_per_csm"),
        ("people = 3", r"capacity\.people"),
    ):
        file.write_text(f'name = "x"\n[capacity]\n{text}\n', encoding="utf-8")
        with pytest.raises(UsageError, match=words):
            read_settings(file)


def test_a_team_of_unknown_size_is_said_to_be_one() -> None:
    row = {"account_id": "a", "name": None, "csm_email": None, "tier": "at_risk", "arr": 5.0}
    found = WorkList([row], np.ones(1), np.array([AT_RISK], dtype=np.int8), np.ones(1, dtype=bool))
    block = capacity_entry(Capacity(accounts_per_csm=3), found, "EUR", None)
    assert block is not None and (block["csms"], block["beyond"]) == (0, 1)
    assert "the size of the team is not known: set `csms`" in block["words"]


def test_nobody_to_work_draws_on_no_capacity() -> None:
    none = WorkList([], np.zeros(0), np.zeros(0, dtype=np.int8), np.zeros(0, dtype=bool))
    block = capacity_entry(Capacity(accounts_per_csm=3, csms=4), none, "EUR", None)
    assert block is not None and block["to_work"] == 0
    assert block["words"].startswith("No account is At Risk or on Watch")
    assert len(capacity_line(np.zeros(0, dtype=np.int64), np.zeros(0), 1.0, np.zeros(0)).worked) == 0
