"""`/netcheck diagnose` typed into the stand-in's page by a real Chromium, on the real cluster."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from checks.diagnosis.causes import CAUSES
from tests.incident.processes import Bot, kill_in_lab
from tests.incident.test_diagnose import FAILING, OFFLOADS_OFF
from tests.lab.fixtures import Injector, run_lab
from tests.playground import Playground

pytestmark = pytest.mark.lab

ANSWER_MS = 60_000
D_F_G_FAILED = re.compile(
    r"failed: D TCP, E bulk TCP, F webhook endpoint,( and)? G webhook ClusterIP(, and H CoreDNS)?"
)
A_C_PASSED = re.compile(r"passed: A node to node, B same node,( and)? C ping")


def type_diagnose(page: Page) -> None:
    """Type the command as a person does."""
    composer = page.get_by_role("textbox").first
    composer.fill("/netcheck diagnose")
    composer.press("Enter")


def posted(slack: Playground) -> list[str]:
    """The texts of the bot's messages in the channel, threads not counted."""
    return [m["text"] for m in slack.messages("incidents") if not m.get("thread_ts") or m["thread_ts"] == m["ts"]]


@pytest.mark.usefixtures("bot")
def test_the_incident_from_the_page_and_back(page: Page, slack: Playground, fault: Injector) -> None:
    """One message names the offload first, with D, F, G failing and A, C passing; cured by ethtool it says healthy."""
    fault("vmxnet3-tunnel-offload", node="w1")

    type_diagnose(page)

    message = page.get_by_role("article").filter(has_text="VMXNET3 tunnel offload").first
    expect(message).to_contain_text(D_F_G_FAILED, timeout=ANSWER_MS)
    expect(message).to_contain_text(A_C_PASSED)
    assert 1 == len(posted(slack))

    assert 0 == run_lab("exec", "w1", "--", *OFFLOADS_OFF.split()).returncode
    type_diagnose(page)

    expect(page.get_by_role("article").filter(has_text="Healthy").first).to_be_visible(timeout=ANSWER_MS)
    assert 2 == len(posted(slack))
    assert [] == [call for call in slack.calls if call.status == 429]


ON_THE_PAGE = ("firewall-vxlan", "vxlan-port-conflict", "no-endpoints", "coredns-replica", "apiserver-proxy")
"""A fault of each kind of place: node, pair, Service, replica, control plane. `test_diagnose` has every fault."""


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_a_fault_of_each_kind_is_named_on_the_page(name: str, page: Page, slack: Playground, fault: Injector) -> None:
    """One message whose headline is the cause."""
    title = CAUSES[FAILING[name][0]].title.template
    fault(name)

    type_diagnose(page)

    expect(page.get_by_role("article").get_by_role("heading", name=title)).to_be_visible(timeout=ANSWER_MS)
    assert 1 == len(posted(slack))


def restart(bot: Bot) -> None:
    """Kill the bot and start it again, as its Deployment does."""
    bot.kill()
    bot.start()


VICTIMS: dict[str, Callable[[Bot], None]] = {
    "worker": lambda _: kill_in_lab("worker"),
    "agents": lambda _: kill_in_lab("agent"),
    "bot": restart,
}


@pytest.mark.parametrize("victim", VICTIMS)
def test_sigkill_during_a_run_still_ends_with_one_answer(
    victim: str, page: Page, slack: Playground, bot: Bot, fault: Injector
) -> None:
    """Whatever is killed while the run is under way, there is one message in the end, with the right verdict, once."""
    fault("vmxnet3-tunnel-offload", node="w1")
    type_diagnose(page)
    slack.wait_for(lambda: any("░" in str(m) for m in slack.messages("incidents")), timeout_s=20)

    VICTIMS[victim](bot)

    message = page.get_by_role("article").filter(has_text="VMXNET3 tunnel offload").first
    expect(message).to_contain_text(D_F_G_FAILED, timeout=ANSWER_MS)
    assert 1 == len(posted(slack))
