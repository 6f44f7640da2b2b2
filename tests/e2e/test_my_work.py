"""My work in a real browser: by keyboard, several at once, snooze, a mention, letters that are typed while an answer is
on its way, and a page for each form without script (issue 5, 6; axe, policy)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from support.web_desk import Desk
from support.web_people import PASSWORD
from support.web_served import Served

DeskOf = Callable[..., Desk]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def add_tasks(desk: Desk, word: str, count: int, accounts: str = "/portfolio/?mine=1") -> None:
    """Tasks of the signed-in person, named "word 1" and so on, on the first account of their list."""
    desk.go(accounts)
    address = desk.page.locator("table.portfolio tbody a[data-open]").first.get_attribute("href") or ""
    key = address.rstrip("/").rsplit("/", 1)[1]
    for n in range(1, count + 1):
        desk.go(f"/work/accounts/{key}/tasks/")
        desk.page.fill("[name=title]", f"{word} {n}")
        desk.page.fill("[name=due_on]", (date.today() + timedelta(days=n - 1)).isoformat())  # noqa: DTZ011
        desk.page.get_by_role("button", name="Add it").click()
        desk.page.wait_for_url("**/portfolio/accounts/**")


def row(page: Page, title: str) -> object:
    return page.locator("#list tr[data-row]", has_text=title)


def select(desk: Desk, title: str) -> None:
    """Move by `j` to the row of a task."""
    for _ in range(80):
        if desk.page.locator("tr.current", has_text=title).count():
            return
        desk.keys("j")
    raise AssertionError(f"{title} is not in the list")


def test_work_by_keyboard(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    add_tasks(desk, "Ring them", 4)
    desk.go("/work/?q=Ring+them")
    expect(page.locator("#side .hint")).to_be_visible()

    # Look at one at the side, and complete it with a word.
    select(desk, "Ring them 1")
    desk.keys("Enter")
    expect(page.locator("#side article.task h2")).to_contain_text("Ring them 1")
    desk.shot("work-side")
    desk.keys("c")
    expect(page.locator("#side [name=note]")).to_be_focused()
    page.keyboard.type("They answered")
    desk.keys("Control+Enter")
    expect(page.locator("#side")).to_contain_text("Completed: Ring them 1.")
    expect(row(page, "Ring them 1")).to_have_count(0)
    expect(page.locator("tr.current")).to_contain_text("Ring them 2")

    # Snooze two at once; without a reason it says so.
    desk.keys("x", "j", "x", "s")
    expect(page.locator("#side h2")).to_contain_text("2 tasks")
    expect(page.locator("#side [name=reason]")).to_be_focused()
    desk.keys("Control+Enter")
    expect(page.locator("#side .field.wrong")).to_contain_text("Say why")
    page.keyboard.type("They are on holiday")
    desk.shot("work-snooze")
    desk.keys("Control+Enter")
    expect(page.locator("#side")).to_contain_text("Snoozed: 2 tasks.")
    expect(page.locator("#list tr[data-row]")).to_have_count(1)
    expect(page.locator("tr.current")).to_contain_text("Ring them 4")

    # Hand over: somebody is chosen by the first letters of the name.
    desk.keys("h")
    expect(page.locator("#side [name=to]")).to_be_focused()
    page.keyboard.type("Len")
    desk.keys("Control+Enter")
    expect(page.locator("#side")).to_contain_text("Handed over: Ring them 4.")
    desk.go("/work/?show=snoozed&q=Ring+them")
    expect(page.locator("#list tr[data-row]")).to_have_count(2)
    desk.keys("?")
    expect(page.locator("#keys")).to_contain_text("Snooze, with a reason and a day")
    desk.keys("Escape", "/")
    expect(page.locator("#finder")).to_be_visible()
    assert [p for p in desk.problems if "422" not in p] == [], "but for the refusal that was asked for"


def test_letters_typed_while_an_answer_is_on_its_way_are_kept(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    add_tasks(desk, "Kept", 3)
    desk.go("/work/?q=Kept")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/act/**", slowly)
    select(desk, "Kept 1")
    page.keyboard.press("s")
    page.keyboard.type("jump over it", delay=5)  # meant for the form, which is not there yet
    expect(page.locator("#side [name=reason]")).to_have_value("jump over it")
    desk.keys("Escape")
    expect(page.locator("#side .hint")).to_be_visible()
    expect(page.locator("tr.current")).to_contain_text("Kept 1")

    page.keyboard.press("c")
    expect(page.locator("#side [name=note]")).to_be_focused()
    page.keyboard.press("Control+Enter")
    page.locator("tr.current").focus()  # the cursor is back in the list before the answer is there
    page.keyboard.press("j")  # meant for the list as it will stand: from Kept 2 to Kept 3
    page.keyboard.press("c")
    page.keyboard.type("well done", delay=5)
    expect(page.locator("#side .picked")).to_contain_text("Kept 3")
    expect(page.locator("#side [name=note]")).to_have_value("well done")
    expect(row(page, "Kept 1")).to_have_count(0)
    expect(page.locator("tr.current")).to_contain_text("Kept 3")
    assert desk.problems == []


def test_a_comment_with_a_mention(application: Served, desk_of: DeskOf) -> None:
    desk = desk_of(application.csm)
    page = desk.page
    add_tasks(desk, "Talk", 1)
    desk.go("/work/?q=Talk")
    select(desk, "Talk 1")
    desk.keys("Enter")
    page.locator("#side textarea[name=body]").click()
    page.keyboard.type("@lena could you ring <b>them</b>?")
    desk.keys("Control+Enter")
    comment = page.locator("#side .comment")
    expect(comment.locator(".mention")).to_have_text("@Lena")
    expect(comment).to_contain_text("<b>them</b>")
    comment.locator("summary", has_text="Erase").click()
    comment.get_by_role("button", name="Erase").click()
    expect(comment).to_contain_text("Erased.")
    assert desk.problems == []


def test_somebody_who_was_quicker_is_said(application: Served, desk_of: DeskOf) -> None:
    desk, other = desk_of(application.csm), desk_of("ada@example.com")
    add_tasks(desk, "Race", 1)
    desk.go("/work/?q=Race")
    other.go("/work/?scope=team&q=Race")
    for one in (desk, other):
        select(one, "Race 1")
        one.keys("c")
        expect(one.page.locator("#side [name=note]")).to_be_focused()
    other.keys("Control+Enter")
    expect(other.page.locator("#side")).to_contain_text("Completed: Race 1.")
    desk.keys("Control+Enter")
    expect(desk.page.locator("#side [role=alert]")).to_contain_text("It is done already")
    expect(row(desk.page, "Race 1")).to_have_count(0)
    assert [p for p in desk.problems if "409" not in p] == []


def test_a_play_is_picked_in_the_review_with_a_date(application: Served, desk_of: DeskOf) -> None:
    """Journey 1 of ui.md: "picks the sponsor re-engagement play, sets a date"."""
    desk = desk_of("ada@example.com")
    page = desk.page
    page.locator(".entry h3 a").last.focus()
    name = page.locator(".entry.current h3 a").inner_text()
    desk.keys("p")
    expect(page.locator("form.decide [name=play]")).to_be_focused()
    page.keyboard.type("Sponsor re")
    page.locator("form.decide [name=due_on]").fill((date.today() + timedelta(days=9)).isoformat())  # noqa: DTZ011
    desk.shot("review-play")
    desk.keys("Control+Enter")
    expect(page.locator(".entry.current .decision")).to_contain_text("Sponsor re-engagement")
    desk.go("/work/?scope=team&play=sponsor_re_engagement")
    expect(page.locator("#list tr[data-row]", has_text=name).first).to_be_visible()
    assert desk.problems == []


def test_without_script_forms_are_pages(application: Served, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{application.url}/sign-in/login/")
    page.fill("input[name=login]", application.csm)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form button").first.click()
    page.goto(f"{application.url}/portfolio/?mine=1")
    address = page.locator("table.portfolio tbody a[data-open]").first.get_attribute("href") or ""
    key = address.rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{application.url}/work/accounts/{key}/tasks/")
    page.fill("[name=title]", "By hand")
    page.get_by_role("button", name="Add it").click()
    page.goto(f"{application.url}/work/?q=By+hand")
    page.locator(".pick input").check()
    page.locator(".bulk button", has_text="Snooze").click()
    page.fill("[name=reason]", "Later")
    page.get_by_role("button", name="Snooze").click()
    expect(page.locator(".messages")).to_contain_text("Snoozed: By hand.")
    page.goto(f"{application.url}/work/?show=snoozed&q=By+hand")
    page.locator("a[data-open]").first.click()
    page.get_by_role("button", name="Wake").click()
    page.goto(f"{application.url}/work/?q=By+hand")
    page.locator("a[data-open]").first.click()
    page.locator("textarea[name=body]").fill("@Lena please")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".comment .mention")).to_have_text("@Lena")
    context.close()


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 375), ("dark", 375)], ids=str
)
def test_the_pages_are_accessible_and_fit(
    application: Served, desk_of: DeskOf, theme: str, width: int
) -> None:
    desk = desk_of("ada@example.com", theme=theme, width=width, touch=width < 600)
    page = desk.page
    add_tasks(desk, "Look", 2, accounts="/portfolio/")
    found: list[str] = []

    def look(name: str, within: str = "main") -> None:
        desk.shot(f"{name}-{theme}-{width}")
        result = Axe().run(page, context=within, options=RULES)
        found.extend(f"{name}: {v['id']} at {v['nodes'][0]['target']}" for v in result.response["violations"])
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: {wide} px wide at {width}")

    for path in ("/work/", "/work/?q=zzz", "/work/team/", "/work/calendar/"):
        desk.go(path)
        look(re.sub(r"\W+", "-", path).strip("-"))
    desk.go("/work/?scope=team&q=Look")
    task = page.locator("a[data-open]").first.get_attribute("href") or ""
    number = re.search(r"tasks/(\d+)/", task)
    assert number
    if width > 1100:
        page.locator("a[data-open]").first.click()
        expect(page.locator("#side article.task")).to_be_visible()
        look("work-with-side", "body")
    desk.go(task)
    look("work-task")
    desk.go(f"/work/act/snooze/?task={number[1]}:1")
    look("work-snooze-page")
    desk.go("/portfolio/")
    desk.go(page.locator("table.portfolio tbody a[data-open]").first.get_attribute("href") or "")
    look("work-account", "#panel-work")
    assert found == [], "\n".join(found)
    assert desk.problems == []
