"""The whole story on the page: from the diagnosis to a Service that has its address, as two people walk through it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]

READY_MS = 60_000
STEP_MS = 90_000
"""What one step may take; only a failing test waits so long."""
FIRES_MS = 150_000
"""Up to a minute until it is due, and what a diagnosis takes on a busy machine."""
FIRST, SECOND = "On-call engineer", "Platform engineer"
DO_IT, DONE = "Do it on the recorded nodes (simulated)", "I have done it"
OFFLOAD, EXCHANGE = "Switch the tunnel offload of VMXNET3 off", "Replace VMXNET3 by e1000e"
EVERY_STEP = "Every step is done and verified"


class Story:
    """The page, and the people who use it in turn."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.incident = page.get_by_role("article").filter(has=page.get_by_role("heading", name=re.compile("Incident")))
        self.nodes = page.get_by_role("region", name="The recorded nodes (simulated)")

    def write(self, text: str) -> None:
        """Type into the composer and send."""
        composer = self.page.get_by_role("textbox", name=re.compile("^Message "))
        composer.fill(text)
        composer.press("Enter")

    def become(self, person: str) -> None:
        """Act as somebody else."""
        self.page.get_by_label("Acting as").select_option(person)

    def press(self, name: str, at: Locator | None = None) -> None:
        """Press a button of the incident's message, once it is there."""
        button = (at or self.incident).get_by_role("button", name=name, exact=True)
        button.click(timeout=STEP_MS)

    def sees(self, text: str | re.Pattern[str], at: Locator | None = None) -> None:
        """Something is there, soon."""
        expect(at or self.incident).to_contain_text(text, timeout=STEP_MS)

    def open_thread(self, message: Locator) -> None:
        """Open the thread of a message."""
        message.get_by_role("button", name=re.compile(r"\d+ repl")).click(timeout=STEP_MS)

    def diagnose(self) -> Locator:
        """Ask for a diagnosis; its message."""
        before = self.diagnoses.count()
        self.write("/netcheck diagnose")
        expect(self.diagnoses).to_have_count(before + 1, timeout=STEP_MS)
        return self.diagnoses.last

    @property
    def diagnoses(self) -> Locator:
        """The messages with a verdict."""
        return self.page.get_by_role("article").filter(
            has_text=re.compile("recorded-incident.*diagnose.*took", re.DOTALL)
        )

    def does(self, title: str) -> None:
        """A step by hand, as the page lets a person do it, and what they say then."""
        self.sees(f"Now: {title}")
        self.press(DO_IT, self.nodes)
        self.sees(f"Done (simulated): {title}", self.nodes)
        self.press(DONE)

    def pool(self) -> None:
        """Create the pool, and see the Service's address; the incident is closed and its report exported."""
        self.write("/netcheck fix create-pool addresses=10.250.0.200-10.250.0.210")
        self.sees("Now: Create the pool default and its L2Advertisement")
        self.press("Approve")
        self.sees("Create the address pool default" + EVERY_STEP)
        self.write("/netcheck run metallb")
        seen = self.page.get_by_role("article").filter(has_text=re.compile("run metallb.*took", re.DOTALL)).last
        self.open_thread(seen)
        self.sees("shop/web: 10.250.0.200", self.page.get_by_role("log", name="Replies"))
        self.page.get_by_role("button", name="Close thread").click()
        self.press("Close the incident")
        self.sees("Closed: Incident")
        number = self.incident.get_by_role("heading").inner_text().split("Incident ")[1].split(":")[0]
        self.write(f"/netcheck incident export {number}")
        told = self.page.get_by_role("article").filter(has_text=f"incident-{number}.md").last
        self.sees("is in the thread", told)


@pytest.fixture
def story(address: str, chromium: Browser) -> Iterator[Story]:
    """The page with the bot behind it."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    expect(page.get_by_text("The bot is connected")).to_be_visible(timeout=READY_MS)
    yield Story(page)
    page.close()


def test_a_newcomer_cures_the_incident_by_switching_the_offload_off(story: Story) -> None:
    """By hand: what was not done is not believed; what was done is verified, made to last, and a pool can be made."""
    verdict = story.diagnose()
    story.sees("VMXNET3 tunnel offload", verdict)
    story.press(OFFLOAD, verdict)
    story.sees("Now: Switch both tunnel offloads of eth0 on w1 off")
    story.press(DONE)
    story.sees("Not verified")
    story.does("Switch both tunnel offloads of eth0 on w1 off")
    story.does("Make it last on w1")
    story.does("Restart eth0 on w1")
    story.sees(EVERY_STEP)
    story.sees("Healthy", story.diagnose())

    story.pool()


def test_two_people_replace_the_adapter(story: Story) -> None:
    """By the operator: whoever began the plan cannot approve it, a second person can, and a pool can be made."""
    verdict = story.diagnose()
    story.sees(EXCHANGE, verdict)
    story.write("/netcheck fix vmxnet3-to-e1000e soak_s=0")
    story.sees("One approval is for all of this")
    story.press("Approve (a second person)")
    story.open_thread(story.incident)
    refusal = story.page.get_by_text("You asked for this yourself, and it needs a second person.")
    expect(refusal).to_be_visible(timeout=STEP_MS)
    story.page.get_by_role("button", name="Close thread").click()
    story.become(SECOND)
    story.press("Approve (a second person)")
    story.sees(EVERY_STEP)
    story.become(FIRST)
    story.sees("w1: e1000e", story.nodes)
    story.sees("Healthy", story.diagnose())

    story.pool()


def test_a_newcomer_sees_a_digest_tell_a_change(story: Story) -> None:
    """It is made in the form, fires within a minute, and says what is gone once the nodes were made well."""
    story.write("/netcheck digest")
    form = story.page.get_by_role("dialog")
    form.get_by_label("When").first.select_option("own")
    form.get_by_label(re.compile("Own schedule")).fill("* * * * *")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_role("button", name="Make it").click()
    expect(form.get_by_text("is made.")).to_be_visible(timeout=STEP_MS)
    form.get_by_role("button", name="Close").last.click()
    digests = story.page.get_by_role("article").filter(has_text=re.compile("Digest [0-9a-f]{10} · due"))
    expect(digests.first).to_contain_text("VMXNET3 tunnel offload", timeout=FIRES_MS)

    story.nodes.get_by_role("button", name="Make the recorded nodes well (simulated)").click()
    story.sees("damage nothing any more", story.nodes)
    story.write("/netcheck digest now")
    expect(digests.filter(has_text="Gone: ").first).to_contain_text("Healthy", timeout=STEP_MS)

    story.page.get_by_role("navigation", name="Apps").get_by_role("link", name="netcheck").click()
    story.page.get_by_role("tab", name="Home").click()
    home = story.page.get_by_role("tabpanel", name="Home")
    story.sees("netcheck at a glance", home)
    story.sees(re.compile("recorded-incident.*Healthy", re.DOTALL), home)
    home.get_by_role("button", name="Pause").click()
    expect(home.get_by_role("button", name="Resume")).to_be_visible(timeout=STEP_MS)
