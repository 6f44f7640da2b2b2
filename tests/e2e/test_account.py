"""A CSM looks into an account from the portfolio and leaves a note for the next person (R2, R3; real browser)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]


def test_from_the_portfolio_into_an_account_and_back(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    page.get_by_role("link", name="Portfolio", exact=True).click()
    rows = page.locator("table.portfolio tbody tr")
    count = rows.count()
    assert count >= 2

    # Narrow the list while typing, and back.
    name = rows.nth(1).locator("a[data-open]").inner_text()
    page.locator("#filter-q").fill(name)
    expect(rows).to_have_count(1)
    assert "q=" in page.url, "the address keeps the filter"
    page.locator("#filter-q").fill("")
    expect(rows).to_have_count(count)

    # By keyboard to the first account; everything about it is there.
    page.locator("h1").click()
    desk.keys("j")
    first = page.locator("table.portfolio tbody tr.current a[data-open]").inner_text()
    desk.keys("Enter")
    page.wait_for_url("**/portfolio/accounts/**")
    expect(page.locator("h1")).to_have_text(first)
    for panel in ("history", "why", "components", "records", "contract", "notes"):
        expect(page.locator(f"#panel-{panel}")).to_be_visible()
    expect(page.locator("#panel-timeline .timeline li").first).to_be_visible()

    # Another table, and the timeline narrowed to one kind, without leaving the page.
    tab = page.locator("#panel-records .tabs a").nth(1)
    label = tab.inner_text()
    tab.click()
    expect(page.locator("#panel-records .tabs a[aria-current]")).to_have_text(label)
    expect(page.locator("h1")).to_have_text(first)
    page.locator("#panel-timeline select[name=kind]").select_option("contracts")
    expect(page.locator("#panel-timeline .timeline .tag").first).to_have_text("Contract")

    # A note, its correction, and that it is still there next time.
    page.locator("#note-body").fill("Ask for <b>the new CFO</b>")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#panel-notes .note").first).to_contain_text("Ask for <b>the new CFO</b>")
    page.locator("#panel-notes .note summary", has_text="Correct").first.click()
    page.locator("#panel-notes .note textarea").first.fill("The new CFO is Ines")
    page.locator("#panel-notes .note").first.get_by_role("button", name="Save").click()
    expect(page.locator("#panel-notes .note")).to_have_count(1)
    page.reload()
    expect(page.locator("#panel-notes .note")).to_contain_text("The new CFO is Ines")
    desk.shot("account-note")

    # An earlier week says so, and leads back.
    weeks = page.locator("select[name=week] option")
    page.locator("select[name=week]").select_option(index=weeks.count() - 1)
    said = page.get_by_text("what was said for the week")
    expect(said).to_be_visible(timeout=30_000)  # the first read of a published file starts Arrow
    page.get_by_role("link", name="Back to the newest week").click()
    expect(page.get_by_text("what was said for the week")).to_have_count(0)
    assert desk.problems == []
