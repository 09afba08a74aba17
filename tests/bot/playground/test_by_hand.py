"""What the page offers to do by hand on the recorded nodes, and what comes of it, over a real Redis."""

from typing import Any

import pytest

from bot.access.requester import Requester
from bot.errors import NetcheckError, UsageError
from bot.incidents.incidents import Incidents
from bot.incidents.model import Incident
from bot.playground.rehearsal.by_hand import ByHand
from bot.playground.rehearsal.model import Model
from bot.playground.rehearsal.shared import Shared
from bot.playground.rehearsal.world import (
    Change,
    Pool,
    World,
    cordoned,
    exchanged,
    kept,
    restarted,
    switched,
    with_pool,
    without_pool,
)
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from bot.runbooks.registry import RUNBOOKS
from bot.store.connection import connect
from checks.text import say
from tests.bot.playground.recorded import POOL, bundle
from tests.bot.runbooks.situations import ALL_VERBS, incident

BY = Requester("ada", "U1", "T1")
TO_E1000E, CREATE_POOL, OFFLOAD_OFF = "vmxnet3-to-e1000e", "create-pool", "offload-off"
POOLED: dict[str, Any] = {"addresses": POOL[0]}
FORWARD, BACKWARD = State.OFFERED, State.UNDO_OFFERED


class Hands:
    """A person's hands, and an incident that is at some step."""

    def __init__(self, url: str) -> None:
        self.incidents = Incidents(connect(url), bundle().cluster)
        self.shared = Shared(lambda: connect(url), bundle().cluster)
        self.page = ByHand(self.shared, Model(bundle(), self.shared.world), lambda: connect(url))

    def at(self, runbook: str, step: str, state: State, verbs: frozenset[str] = frozenset(), **choices: Any) -> None:
        """Have a plan wait at a step."""
        plan = RUNBOOKS[runbook].plan(incident(verbs=verbs, **choices))
        index = next(number for number, each in enumerate(plan.steps) if each.name == step)
        execution = Execution(
            id="i-1", runbook=runbook, choices=choices, by=BY, state=state, since=0.0, plan=plan, index=index
        )
        self.incidents.open(
            Incident(
                id="i",
                cluster=bundle().cluster,
                about=runbook,
                title=say("x"),
                opened_by=BY,
                opened_at=0.0,
                execution=execution,
            )
        )

    def offers(self) -> list[dict[str, Any]]:
        """What is offered."""
        offers: list[dict[str, Any]] = self.page.shown()["offers"]
        return offers

    def press(self) -> str:
        """Press the only offer."""
        (offer,) = self.offers()
        return self.page.press(offer["id"])


@pytest.fixture
def hands(redis_url: str) -> Hands:
    """A person's hands, on nodes that are as they were recorded."""
    return Hands(redis_url)


@pytest.mark.parametrize(
    ("runbook", "step", "state", "change"),
    [
        (OFFLOAD_OFF, "switch-off-eth0", FORWARD, switched("w1", on=False)),
        (OFFLOAD_OFF, "switch-off-eth0", State.UNVERIFIED, switched("w1", on=False)),
        (OFFLOAD_OFF, "switch-off-eth0", BACKWARD, switched("w1", on=True)),
        (OFFLOAD_OFF, "keep-eth0", FORWARD, kept("w1", off=True)),
        (OFFLOAD_OFF, "keep-eth0", BACKWARD, kept("w1", off=False)),
        (OFFLOAD_OFF, "restart-eth0", FORWARD, restarted("w1")),
        (TO_E1000E, "cordon", FORWARD, cordoned("w1", closed=True)),
        (TO_E1000E, "exchange", FORWARD, exchanged("w1", "e1000e")),
        (TO_E1000E, "exchange", BACKWARD, exchanged("w1", "vmxnet3")),
        (TO_E1000E, "uncordon", FORWARD, cordoned("w1", closed=False)),
    ],
)
def test_a_press_does_what_the_step_says(hands: Hands, runbook: str, step: str, state: State, change: Change) -> None:
    """Forwards and back, and the answer says that it was simulated."""
    hands.at(runbook, step, state)

    assert hands.press().startswith("Done (simulated): ")
    assert change(World()) == hands.shared.world()


def test_a_pool_by_hand_needs_a_webhook_that_is_reached(hands: Hands) -> None:
    """The API server refuses it in the recorded words; once it is reached, the pool is there, and can be deleted."""
    hands.at(CREATE_POOL, "apply", FORWARD, **POOLED)
    with pytest.raises(NetcheckError, match="context deadline exceeded"):
        hands.press()
    cured = hands.shared.change(switched("w1", on=False))
    applied = with_pool("default", Pool(namespace="metallb-system", addresses=POOL))

    hands.press()

    assert applied(cured) == hands.shared.world()
    assert cured == without_pool("default")(hands.shared.world())


def test_what_the_operator_does_is_not_offered(hands: Hands) -> None:
    """Nobody presses past an approval."""
    hands.at(TO_E1000E, "exchange", FORWARD, verbs=ALL_VERBS)

    assert [] == hands.offers()


def test_what_is_not_modelled_is_said(hands: Hands) -> None:
    """It is named, and a press does nothing."""
    hands.at("vxlan-port", "port", FORWARD)

    assert [("Change the port of the CNI's tunnel, or leave VXLAN", False)] == [
        (offer["title"], offer["modelled"]) for offer in hands.offers()
    ]
    with pytest.raises(UsageError, match="not modelled"):
        hands.press()
    assert World() == hands.shared.world()


def test_an_old_press_does_nothing(hands: Hands) -> None:
    """What was offered is settled meanwhile."""
    hands.at(OFFLOAD_OFF, "switch-off-eth0", FORWARD)
    (offer,) = hands.offers()
    hands.incidents.close(hands.incidents.find("i"), BY)

    with pytest.raises(UsageError, match="settled meanwhile"):
        hands.page.press(offer["id"])
    assert World() == hands.shared.world()


def test_the_recording_is_switched_to_a_healthy_one_and_back(hands: Hands) -> None:
    """By one button that says what it does next; nothing of what was changed stays when it is broken again."""
    assert "mend" == hands.page.shown()["switch"]["id"]
    assert "damage nothing any more" in hands.page.press("mend")
    assert ("break", True) == (hands.page.shown()["switch"]["id"], "tunnel offload on" not in str(hands.page.shown()))
    hands.page.press("break")
    assert ("mend", World()) == (hands.page.shown()["switch"]["id"], hands.shared.world())
