"""A browser window in which somebody is signed in."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

# Nothing asked for is on its way or being put in: a state of the page that Playwright has no word for.
AT_REST = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"


@dataclass
class Desk:
    """page: the window. problems: what the console and the policy complained of."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        self.page.wait_for_load_state("networkidle")

    def keys(self, *keys: str) -> None:
        """Press keys one after the other, and wait for what they set off."""
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_load_state("networkidle")
            self.page.wait_for_function(AT_REST)
            self.page.wait_for_timeout(60)

    def shot(self, name: str) -> None:
        """Keep a picture where BAROGRAPH_SCREENSHOTS names a folder."""
        folder = os.environ.get("BAROGRAPH_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(
                path=Path(folder) / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png", full_page=True
            )
