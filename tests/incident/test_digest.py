"""A digest on the real cluster, made and read in the stand-in's page by a real Chromium."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.digests.definitions import Definitions
from bot.digests.digests import Digests
from bot.runs.runs import Runs
from tests.incident.processes import Bot
from tests.incident.walker import VICTIMS, kill
from tests.lab import product
from tests.lab.faults import switch
from tests.lab.fixtures import Injector
from tests.playground import Playground

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900, func_only=True)]

STEP_MS = 30_000
FIRES_MS = 150_000
"""It fires every minute; the run of one takes ten seconds, and begins anew where its worker dies."""


@pytest.fixture
def definitions(client: Any) -> Iterator[Definitions]:
    """The lab's digests: none before and none afterwards."""
    found = Definitions(client, product.CLUSTER)
    yield found
    for definition in found.all():
        found.remove(definition)


def make(page: Page) -> None:
    """Make a digest of every minute in the form, as a person does."""
    composer = page.get_by_role("textbox").first
    composer.fill("/netcheck digest")
    composer.press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_label("When").first.select_option("own", timeout=STEP_MS)
    form.get_by_label(re.compile("Own schedule")).fill("* * * * *")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_text("is made.")).to_be_visible(timeout=STEP_MS)
    form.get_by_role("button", name="Close").last.click()


def digests(page: Page) -> Locator:
    """The messages of digests."""
    return page.get_by_role("article").filter(has_text=re.compile("Digest [0-9a-f]{10} · due"))


def restart_everything(bot: Bot) -> None:
    """SIGKILL: Redis, the worker and the operator in their pods, and the bot."""
    for victim in VICTIMS:
        kill(victim, bot)


def test_a_digest_tells_what_changes_and_goes_quiet_again(
    page: Page, slack: Playground, bot: Bot, *, fault: Injector, definitions: Definitions, client: Any
) -> None:
    """It fires on schedule, shows a fault with since when and a picture, outlives everybody, is quiet when healed."""
    make(page)
    expect(digests(page).first).to_contain_text("Healthy", timeout=FIRES_MS)

    fault("vmxnet3-tunnel-offload", node="w1")
    told = digests(page).filter(has_text=re.compile("New: .*TCP", re.DOTALL)).first
    expect(told).to_contain_text("VMXNET3 tunnel offload", timeout=FIRES_MS)
    expect(told).to_contain_text(re.compile("First seen|Since .* Seen before"))
    told.get_by_role("button", name=re.compile(r"\d+ repl")).click(timeout=STEP_MS)
    picture = page.get_by_role("log", name="Replies").get_by_role("img", name=re.compile("TCP.*fail"))
    expect(picture.first).to_be_visible(timeout=STEP_MS)
    page.get_by_role("button", name="Close thread").click()

    restart_everything(bot)
    switch.heal()
    gone = digests(page).filter(has_text=re.compile("Gone: ")).first
    expect(gone).to_contain_text("Healthy", timeout=2 * FIRES_MS)
    expect(digests(page).filter(has_text=re.compile("Healthy.*Nothing has changed since")).first).to_be_visible(
        timeout=FIRES_MS
    )

    (definition,) = definitions.all()
    made = [d for d in Digests(Runs(client, product.CLUSTER)).latest(100) if d.definition == definition and not d.watch]
    posted = [m for m in slack.messages("incidents") if "due " in str(m) and m.get("thread_ts", m["ts"]) == m["ts"]]
    assert len({digest.fired_at for digest in made}) == len(made)
    # The next one may be on its way.
    assert len(posted) in (len(made), len(made) - 1)
