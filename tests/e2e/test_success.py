"""What accounts get to in a real browser: an account is handed over and accepted by keyboard, and every page
is accessible, fits a phone, and is quiet under the policy in both themes (issue 5, part 10; axe, CSP)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LISTS = (
    "/growth/?show=all", "/growth/hand-overs/", "/growth/plans/?state=all", "/growth/advocates/?show=all",
    "/growth/escalations/?state=all", "/growth/rules/",
)  # fmt: skip
OWN = ("hand-over", "request", "opportunity", "escalate", "plan", "plan/sheet", "advocate")


def problems_of(desk: Desk, name: str, width: int) -> list[str]:
    result = Axe().run(desk.page, options=RULES)
    found = [f"{name}: {v['id']} at {v['nodes'][0]['target']}" for v in result.response["violations"]]
    wide = desk.page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{name}: {wide} px wide at {width}"] if wide > width else [])


def test_handed_over_and_accepted_by_keyboard(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    desk.go("/growth/?show=all")
    desk.keys("j")
    expect(page.locator("table.success tr.current")).to_have_count(1)
    name = page.locator("table.success tr.current a[data-open]").inner_text()
    page.get_by_role("link", name=f"Hand over {name}").focus()
    desk.keys("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hand over")
    page.get_by_label("Account manager").focus()
    page.keyboard.type("Anna")
    for label, words in (("Why now", "They opened two sites."), ("Whom to talk to", "The controller")):
        page.get_by_label(label).focus()
        desk.keys("Control+A")
        page.keyboard.type(words)
    page.get_by_role("button", name="Hand over").focus()
    desk.keys("Enter")
    expect(page.locator(".lead .tag")).to_have_text("asked")
    expect(page.locator("main")).to_contain_text("They opened two sites.")
    desk.shot("success-asked")

    lead = desk_of("ada@example.com")
    lead.go("/growth/hand-overs/")
    lead.keys("j", "Enter")
    expect(lead.page.get_by_role("heading", level=1)).to_contain_text(name)
    lead.page.get_by_role("button", name="Accept").focus()
    lead.keys("Enter")
    expect(lead.page.locator(".lead .tag")).to_have_text("accepted")
    expect(lead.page.locator(".timeline")).to_contain_text("Ada accepted it")

    page.get_by_role("button", name="Take it back").or_(
        page.locator("summary", has_text="Take it back")
    ).first.focus()
    desk.keys("Enter")
    page.locator("form[action$='/withdraw/'] textarea").focus()
    page.keyboard.type("Too early.")
    page.locator("form[action$='/withdraw/'] button").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Ada accepted it meanwhile")
    assert lead.problems == []
    assert [p for p in desk.problems if "409" not in p] == [], "the refused form is the only complaint"


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 375)], ids=str)
def test_every_page(application: Served, desk_of: DeskOf, theme: str, width: int) -> None:
    desk = desk_of("ada@example.com", theme=theme, width=width, touch=width < 600)
    found: list[str] = []
    for path in LISTS:
        desk.go(path)
        desk.shot(f"success-{path.strip('/')}-{theme}-{width}")
        found += problems_of(desk, path, width)
    desk.go(LISTS[0])
    first = desk.page.locator("table.success a[data-open]").first.get_attribute("href") or ""
    key = first.partition("#")[0].rstrip("/").rsplit("/", 1)[1]
    for name in OWN:
        desk.go(f"/growth/accounts/{key}/{name}/")
        desk.shot(f"success-{name}-{theme}-{width}")
        found += problems_of(desk, name, width)
    assert found == [], "\n".join(found)
    assert desk.problems == [], "nothing in the console: the policy was kept"
