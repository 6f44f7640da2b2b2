"""Journey 4 (ui.md): an account manager's fifteen pulses by keyboard in five minutes, two of which differ from the
numbers and ask for a reason; a leader decides on them; the pages are accessible (H5, P6; real browser)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]
LOOKS = (("light", 1440), ("dark", 1440), ("light", 375), ("dark", 375))
PAGES = (
    "/pulses/", "FORM", "DIFFERS", "/pulses/differing/", "/pulses/register/", "/pulses/grades/", "CONTEXT", "VERDICT",
)  # fmt: skip
BETWEEN_KEYS = 150
"""Milliseconds: somebody who types without hurry."""
REASON = "Their board stops the project"


def form_of(desk: Desk) -> str:
    """The address of the first pulse that is due."""
    desk.go("/pulses/")
    return desk.page.locator("table.data tbody a").first.get_attribute("href") or ""


@pytest.mark.parametrize(("theme", "width"), LOOKS, ids=str)
def test_every_page(application: Served, desk_of: DeskOf, theme: str, width: int) -> None:
    desk = desk_of(application.manager, theme=theme, width=width, touch=width < 600)
    form = form_of(desk)
    found: list[str] = []
    for path in PAGES:
        named = {"FORM": form, "DIFFERS": form, "CONTEXT": f"{form}context/", "VERDICT": f"{form}verdict/"}
        desk.go(named.get(path, path))
        if path == "DIFFERS":
            for question in desk.page.locator("[data-question]").all():
                question.locator("label").last.click()
            desk.page.get_by_role("button", name="Save").click()
            expect(desk.page.locator("#id_reason")).to_be_visible()
        name = f"pulses-{path.strip('/').lower()}-{theme}-{width}"
        desk.shot(name)
        result = Axe().run(
            desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
        )
        found += [
            f"{name}: {v['id']} ({v['impact']}) at {v['nodes'][0]['target']}"
            for v in result.response["violations"]
        ]
        wide = desk.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: {wide} px wide at {width}")
    assert found == [], "\n".join(found)
    assert [p for p in desk.problems if "422" not in p] == []


def test_fifteen_pulses_in_five_minutes(application: Served, desk_of: DeskOf, capsys: object) -> None:
    desk = desk_of(application.manager)
    page = desk.page
    desk.go("/pulses/")
    expect(page.locator("[data-does=begin]")).to_contain_text("15 due")
    page.keyboard.press("b")
    page.wait_for_url("**/pulses/accounts/**")
    pressed, asked, slowest = 0, 0, 0.0
    begun = time.monotonic()
    for number in range(15):
        at = time.monotonic()
        name = page.locator("#pulse h1").inner_text()
        expect(page.locator("#pulse input:checked")).to_have_count(0)
        expect(page.locator("#pulse .pill")).to_have_count(0)
        answers = "333" if number in (3, 9) else ("112", "aad")[number % 2]
        if answers == "aad":
            answers = "aav"  # letters do it too: active, active, in development
        for key in (*answers, "Enter"):
            page.keyboard.press(key)
            page.wait_for_timeout(BETWEEN_KEYS)
            pressed += 1
        if number in (3, 9):
            expect(page.locator("#id_reason")).to_be_focused()
            expect(page.locator(".differs")).to_contain_text("The numbers say otherwise")
            page.keyboard.type(REASON, delay=BETWEEN_KEYS / 2)
            page.keyboard.press("Enter")
            pressed += len(REASON) + 1
            asked += 1
        if number < 14:
            expect(page.locator("#pulse h1")).not_to_have_text(name)
            expect(page.locator("#pulse .given")).to_contain_text(name)
            expect(page.locator("#pulse .crumbs")).to_contain_text(f"{14 - number} due")
        slowest = max(slowest, time.monotonic() - at)
    page.wait_for_url("**/pulses/")
    whole = time.monotonic() - begun
    expect(page.locator(".messages")).to_contain_text("All pulses are given")
    expect(page.locator(".empty")).to_contain_text("No pulse is due")
    desk.shot("pulses-done")
    with capsys.disabled():  # type: ignore[attr-defined]
        print(f"\n15 pulses, {asked} with a reason: {whole:.0f} s, {pressed} keys, slowest {slowest:.1f} s")
    assert (asked, pressed) == (2, 15 * 4 + 2 * (len(REASON) + 1))
    assert whole < 300 and slowest < 20
    assert [p for p in desk.problems if "422" not in p] == []


def differ(desk: Desk) -> None:
    """One pulse that differs from the numbers."""
    desk.go(form_of(desk))
    desk.keys("3", "3", "3", "Enter")
    expect(desk.page.locator("#id_reason")).to_be_focused()
    desk.page.keyboard.type(REASON)
    desk.keys("Enter")
    expect(desk.page.locator("#pulse .given")).to_be_visible()


def test_a_leader_decides_and_looks_back(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of("lena@example.com")
    page = desk.page
    desk.go("/pulses/differing/")
    if not page.locator(".followed > li").filter(has_text=REASON).count():  # run without the journey above
        differ(desk_of(application.manager))
        desk.go("/pulses/differing/")
    waiting = page.locator(".followed > li").count()
    first = page.locator(".followed > li").filter(has_text=REASON).first
    expect(first).to_be_visible()
    name = first.locator("b a").inner_text()
    desk.shot("pulses-queue")
    first.get_by_label(f"Why, {name}").fill("I asked their board")
    first.get_by_role("button", name="The numbers stand").click()
    expect(page.locator(".messages")).to_contain_text(f"Settled: {name}")
    expect(page.locator(".followed > li")).to_have_count(waiting - 1)
    expect(page.locator(".timeline")).to_contain_text("I asked their board")
    page.get_by_role("link", name=name).first.click()
    expect(page.locator("#panel-pulse")).to_contain_text("The numbers stand")
    desk.shot("pulses-account")
    page.get_by_role("link", name="Give a pulse").click()
    page.keyboard.press("3")
    page.keyboard.press("Backspace")
    expect(page.locator("#pulse input:checked")).to_have_count(0)
    desk.keys("p")
    expect(page.locator("#last")).to_contain_text(REASON)
    for key in "112":
        page.keyboard.press(key)
    expect(page.locator("#pulse input:checked")).to_have_count(3)
    assert desk.problems == []
