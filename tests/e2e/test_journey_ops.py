"""Journey 3 (ui.md): the first day of CS Ops, from exports to an approved draft (X1, S6, L6; real browser).

The worker runs when the test says so (`barograph worker --once`): what pages show meanwhile is seen too.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.web_desk import Desk
from support.web_people import PASSWORD
from support.web_served import Served, environment

DeskOf = Callable[..., Desk]
GOOD, BAD = 163, 37


def work(application: Served) -> None:
    """Have the worker do everything that is waiting."""
    done = subprocess.run(
        [sys.executable, "-m", "barograph_web.cli", "worker", "--once", "-w", str(application.log.parent)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr


def accessible(desk: Desk) -> None:
    """No violation that axe can find."""
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(desk.page, options={"runOnly": rules}).response["violations"]
    assert [(v["id"], v["nodes"][0]["target"]) for v in found] == []


def export(tmp_path: Path) -> Path:
    """Support cases with two headers of their own and 37 rows whose date nobody can read."""
    lines = ["Case Number;Client;Created;Title"]
    lines += [f"C-{i};A{i % 40:07};2026-10-{i % 28 + 1:02};Case {i}" for i in range(GOOD)]
    lines += [f"B-{i};A{i % 40:07};some time in October;Case {i}" for i in range(BAD)]
    file = tmp_path / "support cases.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_the_first_day_of_cs_ops(application: Served, desk_of: DeskOf, tmp_path: Path) -> None:
    desk = desk_of("otto@example.com")
    page = desk.page

    # Upload; what is no table is refused with the reason.
    desk.go("/data/")
    wrong = tmp_path / "support cases.pdf"
    wrong.write_bytes(b"%PDF-1.7 not a table")
    page.locator("#files").set_input_files(wrong)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("main")).to_contain_text("this is a PDF document")
    page.get_by_role("link", name="Choose other files").click()
    page.locator("#files").set_input_files(export(tmp_path))
    page.get_by_role("button", name="Upload").click()

    # Two headers: one was guessed and is right, one must be said.
    expect(page.locator("h1")).to_have_text("support cases.csv")
    expect(page.locator("main")).to_contain_text("Nothing gives account_id yet")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    accessible(desk)
    desk.shot("upload-headers")
    page.get_by_label("Client").select_option("account_id")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    page.get_by_label("Title").select_option("-")
    expect(page.get_by_label("Title")).to_have_value("-")
    expect(page.locator("form.htmx-request")).to_have_count(0)

    # Every row is checked before anything comes in.
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Check every row").click()
    expect(page.locator("#progress")).to_contain_text("Waiting for the worker")
    work(application)
    expect(page.locator("main")).to_contain_text(f"{BAD} would go to quarantine", timeout=15_000)
    desk.shot("upload-checked")
    page.get_by_role("button", name="Import", exact=True).click()
    work(application)
    expect(page.locator("a.stat", has_text="in quarantine")).to_contain_text(str(BAD), timeout=15_000)
    expect(page.locator(".stat", has_text="new")).to_contain_text(str(GOOD))
    accessible(desk)
    desk.shot("upload-report")

    # The rows and why.
    page.locator("a.stat", has_text="in quarantine").click()
    expect(page.locator("#rows")).to_have_text(f"{BAD} rows")
    expect(page.locator("main")).to_contain_text("some time in October")
    accessible(desk)
    desk.shot("quarantine")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    kept = tmp_path / "rows.csv"
    download.value.save_as(kept)
    assert len(kept.read_text(encoding="utf-8").splitlines()) == BAD + 1

    # What the data could feed, what it could not, and a draft from it.
    desk.go("/data/proposal/")
    expect(page.locator("main")).to_contain_text("Its weights are opinion")
    accessible(desk)
    desk.shot("proposal")
    desk.go("/models/")
    page.get_by_role("button", name="Draft a change").click()
    page.wait_for_url("**/models/drafts/*/")
    accessible(desk)
    first = page.locator("input[data-weight]").first
    points = int(float(first.input_value()))
    first.fill(str(points + 5))
    expect(page.locator(".sum")).to_contain_text("5 too many")
    second = page.locator("input[data-weight]").nth(1)
    second.fill(str(int(float(second.input_value())) - 5))
    expect(page.locator("[data-total]")).to_have_text("100")
    page.get_by_label("Watch from").first.fill("60")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Now look at its effect")

    # Who would change tier, before anything is in force; then it waits for somebody else.
    page.get_by_role("button", name="Show the effect").click()
    expect(page.locator("#effect")).to_contain_text("The worker scores")
    work(application)
    expect(page.locator("#effect")).to_contain_text("would stand in another tier", timeout=15_000)
    expect(page.locator("#effect")).to_contain_text("acceptance test")
    desk.go(page.url.removeprefix(application.url))
    accessible(desk)
    desk.shot("draft-effect")
    page.get_by_label("Why it should be in force").fill("Sponsors told us first, three times in a row.")
    page.get_by_role("button", name="Send for approval").click()
    expect(page.locator("header.page")).to_contain_text("Waiting for approval")
    draft = page.url.removeprefix(application.url)
    refusals = [text for text in desk.problems if "422" in text]
    assert desk.problems == refusals, "the console told of the refused file and of nothing else"
    assert len(refusals) == 1

    # A leader reads the reason, proves who they are, and sets the test aside with a reason of their own.
    leader = desk_of("lena@example.com")
    leader.go(draft)
    expect(leader.page.locator("main")).to_contain_text("Sponsors told us first")
    leader.page.get_by_role("link", name="Approve", exact=True).click()
    leader.page.get_by_label("Why", exact=True).fill("Agreed in the team meeting")
    override = leader.page.get_by_label("Why the rule is set aside")
    if override.count():
        override.fill("Too few outcomes for the test")
    leader.page.get_by_role("button", name="Approve").click()
    if "again" in leader.page.url:
        leader.page.get_by_label("Password").fill(PASSWORD)
        leader.page.keyboard.press("Enter")
    expect(leader.page.locator("main")).to_contain_text("In force.")
    accessible(leader)
    leader.shot("version")
    assert leader.problems == []
