"""Every page in a real browser: accessible by axe, quiet under the policy, no wider than a phone, in both themes
(issue 4: look, CSP, axe; a picture of each is kept where BAROGRAPH_SCREENSHOTS says)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from support.web_desk import Desk
from support.web_served import Served

DeskOf = Callable[..., Desk]
PAGES = (
    "/review/", "/review/?show=worse", "/review/agenda/", "/review/minutes/", "/portfolio/", "ACCOUNT", "/models/",
    "/data/", "/administration/people/", "/administration/me/", "/elements/",
)  # fmt: skip
LOOKS = (("light", 1440), ("dark", 1440), ("light", 375), ("dark", 375))


@pytest.mark.parametrize(("theme", "width"), LOOKS, ids=str)
def test_every_page(application: Served, desk_of: DeskOf, theme: str, width: int) -> None:
    desk = desk_of("ada@example.com", theme=theme, width=width, touch=width < 600)
    account = desk.page.locator(".entry h3 a").first.get_attribute("href") or ""
    found: list[str] = []
    for path in PAGES:
        desk.go(account if path == "ACCOUNT" else path)
        name = "account" if path == "ACCOUNT" else path
        desk.shot(f"{name.strip('/')}-{theme}-{width}")
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
    assert desk.problems == [], "nothing in the console: the policy was kept"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page(application: Served, browser, theme: str) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(color_scheme=theme)
    page = context.new_page()
    page.goto(f"{application.url}/sign-in/login/")
    result = Axe().run(page)
    assert [v["id"] for v in result.response["violations"]] == []
    context.close()
