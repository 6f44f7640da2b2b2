"""A real browser on the real application. Skipped, with a line that says so, where there is no Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from support.web_company import company_copy, company_folder
from support.web_desk import Desk
from support.web_people import PASSWORD
from support.web_served import Served, served

CHROMIUM = (
    os.environ.get("BAROGRAPH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`barograph serve` on a company of its own for each process of the run."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: set BAROGRAPH_CHROMIUM to one")
    base = tmp_path_factory.getbasetemp()
    company = company_folder(base.parent if "popen-gw" in base.name else base)
    with served(company_copy(company, tmp_path_factory.mktemp("served") / "company")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(application: Served) -> Iterator[Browser]:
    """One Chromium per file: its event loop must not outlive the file, or Django refuses to query beside it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def desk_of(browser: Browser, application: Served) -> Iterator[object]:
    """`desk_of("lena@example.com")`: a window of their own, signed in by the form."""
    contexts: list[BrowserContext] = []

    def open_for(email: str, *, width: int = 1440, theme: str = "light", touch: bool = False) -> Desk:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            has_touch=touch,
            accept_downloads=True,
        )  # type: ignore[arg-type]
        contexts.append(context)
        desk = Desk(context.new_page(), application.url)
        page = desk.page
        page.on("console", lambda m: desk.problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: desk.problems.append(str(e)))
        page.goto(f"{application.url}/sign-in/login/")
        page.keyboard.press("Tab")
        page.locator("input[name=login]").focus()
        page.keyboard.type(email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/review/**")
        page.wait_for_load_state("networkidle")
        return desk

    yield open_for
    for context in contexts:
        context.close()
