"""What a person does on the page to walk through a fix: press, read commands, really do them, say so."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.lab.fixtures import run_lab

STEP_MS = 120_000
NODE_MS = 240_000
"""A node is drained, switched off and on, and verified in between."""
SECOND_PERSON = "Platform engineer"


class Walk:
    """The message of the one incident on the page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @property
    def message(self) -> Locator:
        """As it is now."""
        return self._page.get_by_role("article").filter(
            has=self._page.get_by_role("heading", name=re.compile("Incident"))
        )

    def type(self, line: str) -> None:
        """Type a line as a person does."""
        composer = self._page.get_by_role("textbox").first
        composer.fill(line)
        composer.press("Enter")

    def asks(self, what: str, timeout_ms: int = STEP_MS) -> None:
        """Wait until the message asks for this."""
        expect(self.message).to_contain_text(f"Now: {what}", timeout=timeout_ms)

    def says(self, what: str | re.Pattern[str], timeout_ms: int = STEP_MS) -> None:
        """Wait until the message says this."""
        expect(self.message).to_contain_text(what, timeout=timeout_ms)

    def press(self, label: str) -> None:
        """Press a button of it."""
        self.message.get_by_role("button", name=label, exact=True).click(timeout=STEP_MS)

    def act_as(self, person: str) -> None:
        """Be somebody else from now on."""
        self._page.get_by_label("Acting as").select_option(person)

    def commands(self) -> list[str]:
        """The code blocks that the message shows, as they would be copied."""
        return [text.strip() for text in self.message.locator("pre").all_inner_texts()]

    def do(self, node: str, chosen: Callable[[str], bool] = lambda _: True) -> None:
        """Give the first of its commands that is chosen to a root shell on the node."""
        command = next(text for text in self.commands() if chosen(text))
        done = run_lab("exec", node, "--", "sh", "-c", command)
        assert done.returncode == 0, done.stderr
