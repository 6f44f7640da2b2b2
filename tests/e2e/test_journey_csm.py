"""Journey 1 (ui.md): a CSM's Monday, by keyboard alone, until nothing is undecided (R1, P6; real browser)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Route, expect

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]


def twelfth() -> date:
    """The next 12 December: a date that reads the same whichever part of it comes first in the browser's control."""
    today = date.today()  # noqa: DTZ011 - the day of the browser
    return date(today.year + (today > date(today.year, 12, 5)), 12, 12)


def test_a_review_by_keyboard_to_zero_undecided(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    desk.shot("review-csm")
    entries = page.locator(".entry")
    listed = int(re.search(r"of (\d+) decided", page.locator("#progress").inner_text()).group(1))  # type: ignore[union-attr]
    assert listed == entries.count() >= 2

    # The first: expand it, see the ledger and what would lift it, look at the account, come back.
    while not page.locator(".entry.current").count():
        desk.keys("j")
    first = page.locator(".entry.current")
    name = first.locator("h3 a").inner_text()
    desk.keys("Enter")
    expect(first.locator("details.more")).to_have_attribute("open", "")
    expect(first.get_by_text("Place on the list")).to_be_visible()
    desk.keys("g")
    expect(page.locator("h1")).to_contain_text(name)
    page.go_back()
    page.wait_for_load_state("networkidle")

    # Agree, then the next step with a date.
    select_entry(desk, name)
    desk.keys("a")
    current = page.locator(".entry.current")
    expect(current.locator(".decision")).to_contain_text("Agreed")
    desk.keys("n")
    expect(page.locator("form.decide [name=next_step]")).to_be_focused()
    page.keyboard.type("Book a meeting with the sponsor")
    desk.keys("Tab", "Tab")
    expect(page.locator("form.decide [name=due_on]")).to_be_focused()
    page.keyboard.type(f"{twelfth():%d%m%Y}")
    desk.shot("review-form")
    desk.keys("Control+Enter")
    decision = page.locator(".entry.current .decision")
    expect(decision).to_contain_text("Book a meeting with the sponsor")
    expect(decision.locator("time").last).to_have_attribute("datetime", twelfth().isoformat())

    # The second: disagree; without a reason it says so, with one it is recorded; undo and again.
    desk.keys("j", "d")
    expect(page.locator("form.decide [name=reason]")).to_be_focused()
    desk.keys("Control+Enter")
    expect(page.locator(".entry.current .field.wrong")).to_contain_text("needs a reason")
    page.keyboard.type("They migrate to the new plant")
    desk.keys("Control+Enter")
    expect(page.locator(".entry.current .decision")).to_contain_text("Disagreed")
    desk.keys("u")
    expect(page.locator(".entry.current .decision")).to_have_count(0)

    # The rest.
    for _ in range(listed + 1):
        if not page.locator(".entry.current .decision").count():
            desk.keys("a")
            expect(page.locator(".entry.current .decision")).to_have_count(1)
        desk.keys("j")
    expect(page.locator("#progress")).to_contain_text(f"All {listed} decided")
    page.reload()
    expect(page.locator("#progress")).to_contain_text(f"All {listed} decided")
    desk.shot("review-csm-done")
    assert [p for p in desk.problems if "422" not in p] == [], "but for the refusal that was asked for"


def test_a_form_is_left_without_a_trace(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of("ada@example.com")
    page = desk.page
    page.locator(".entry").last.locator("h3 a").focus()
    before = page.locator(".entry .decision").count()
    page.keyboard.press("n")
    page.keyboard.type(
        "going on", delay=5
    )  # g goes to the account, unless somebody is typing ahead into the form
    expect(page.locator("form.decide [name=next_step]")).to_have_value("going on")
    desk.keys("Escape")
    expect(page.locator("form.decide")).to_have_count(0)
    assert page.locator(".entry .decision").count() == before
    assert desk.problems == []


def test_a_letter_pressed_before_the_answer_landed_is_not_lost(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of("ada@example.com")
    page = desk.page

    def slowly(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/agree/**", slowly)
    page.locator(".entry").last.locator("h3 a").focus()
    page.keyboard.press("a")
    page.keyboard.press("n")
    expect(page.locator("form.decide [name=next_step]")).to_be_focused()
    expect(page.locator(".entry.current .decision")).to_contain_text("Agreed")
    desk.keys("Escape", "u")
    expect(page.locator(".entry.current .decision")).to_have_count(0)
    assert desk.problems == []


def test_the_finder_and_the_help_open_by_key(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of("ada@example.com")
    page = desk.page
    name = page.locator(".entry h3 a").first.inner_text()
    desk.keys("?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("Disagree, with a reason")
    desk.keys("Escape", "/")
    expect(page.locator("#finder")).to_be_visible()
    page.keyboard.type(name[:6])
    expect(page.locator("#finder .found a").first).to_be_visible()
    desk.shot("finder")
    desk.keys("ArrowDown", "Enter")
    page.wait_for_url("**/portfolio/accounts/**")
    desk.keys("Control+k")
    expect(page.locator("#finder")).to_be_visible()
    assert desk.problems == []


def select_entry(desk: Desk, name: str) -> None:
    """Move by `j` to the entry of an account."""
    for _ in range(60):
        current = desk.page.locator(".entry.current h3 a")
        if current.count() and current.inner_text() == name:
            return
        desk.keys("j")
    raise AssertionError(f"{name} is not on the list")
