"""Journey 2 (ui.md): the team meeting, from what moved to the minutes (R1, R2, P6; real browser)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]


def test_a_team_meeting(application: Served, desk_of: DeskOf, tmp_path: Path) -> None:
    desk = desk_of("lena@example.com")
    page = desk.page
    desk.shot("review-leader")

    # What moved in the portfolio, and revenue by tier.
    expect(page.locator("#tiers .mark.tiers")).to_be_visible()
    expect(page.locator("#tiers table.matrix caption")).to_contain_text("moved")
    page.locator("a.stat", has_text="went down").click()
    expect(page.locator("#list-title")).to_have_text("Went down")
    page.go_back()

    # Last week's decisions that are due.
    due = page.locator("#due li")
    assert due.count() == 2
    due.nth(0).get_by_role("textbox").fill("The new sponsor is confirmed")
    due.nth(0).get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("#due li").nth(0)).to_contain_text("The new sponsor is confirmed")
    page.locator("#due li").nth(1).get_by_role("button", name="No longer needed").click()
    expect(page.locator("#due li").nth(1)).to_contain_text("No longer needed")

    # One disagreement between CSM and numbers.
    dispute = page.locator("#disagreements li").first
    expect(dispute).to_contain_text("They migrate until January")
    dispute.get_by_role("textbox").fill("Use fell before the migration began")
    dispute.get_by_role("button", name="The numbers stand").click()
    expect(page.locator("#disagreements li").first).to_contain_text("Settled: the numbers stand")

    # The minutes.
    page.get_by_text("Close the review", exact=True).click()
    page.get_by_role("button", name="Close and show the minutes").click()
    expect(page.locator("h1")).to_contain_text("minutes")
    expect(page.locator("main")).to_contain_text("Use fell before the migration began")
    expect(page.locator("main")).to_contain_text("The new sponsor is confirmed")
    desk.shot("minutes")
    for name in ("HTML", "Markdown"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        kept = tmp_path / download.value.suggested_filename
        download.value.save_as(kept)
        assert "The new sponsor is confirmed" in kept.read_text(encoding="utf-8")
    assert desk.problems == []


def test_two_people_decide_on_one_account(application: Served, desk_of: DeskOf) -> None:
    ada, otto = desk_of("ada@example.com"), desk_of("otto@example.com")
    for desk in (ada, otto):
        desk.page.locator(".entry").nth(4).get_by_role("link", name="Disagree").click()
        expect(desk.page.locator("form.decide")).to_be_visible()
    name = otto.page.locator(".entry").nth(4).locator("h3 a").inner_text()
    ada.page.locator("form.decide [name=reason]").fill("Their plant is closed")
    ada.page.locator("form.decide button.primary").click()
    expect(ada.page.locator(".entry").nth(4).locator(".decision")).to_contain_text("Their plant is closed")

    otto.page.locator("form.decide [name=reason]").fill("They told me otherwise")
    otto.page.locator("form.decide button.primary").click()
    entry = otto.page.locator(".entry", has_text=name)
    expect(entry.locator("[role=alert]")).to_contain_text("decided on this account meanwhile")
    expect(entry.locator(".decision")).to_contain_text("Their plant is closed")
    expect(entry.locator("[name=reason]")).to_have_value("They told me otherwise")
    otto.shot("overtaken")
    entry.get_by_role("button", name="Save over theirs").click()
    expect(otto.page.locator(".entry", has_text=name).locator(".decision")).to_contain_text(
        "They told me otherwise"
    )
    assert ada.problems == []
    assert [p for p in otto.problems if "409" not in p] == []


def test_the_review_prints_as_a_sheet(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of("lena@example.com", theme="dark")
    page = desk.page
    page.emulate_media(media="print")
    for hidden in (".shell", ".toolbar", ".filters", ".act", ".foot .keys"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".entry .inside").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    desk.shot("review-print")


def test_without_script_everything_still_works(application: Served, browser, desk_of: DeskOf) -> None:  # type: ignore[no-untyped-def]
    signed_in = desk_of("otto@example.com").page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in)
    page = context.new_page()
    page.goto(f"{application.url}/review/")
    entry = page.locator(".entry").nth(5)
    name = entry.locator("h3 a").inner_text()
    entry.get_by_role("link", name="Disagree").click()
    page.locator("[name=reason]").fill("By hand")
    page.get_by_role("button", name="Save").click()
    assert "/review/" in page.url
    assert page.locator(".entry", has_text=name).locator(".decision").inner_text().startswith("Disagreed")
    context.close()
