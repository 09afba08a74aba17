"""The founding incident as a runbook sees it: the playground's recording, judged."""

import functools
from importlib import resources
from typing import Any

import msgspec

from bot.playground.demo import INCIDENT
from bot.runbooks.situation import Situation, situation
from bot.runs import bundle as bundles
from bot.runs.model import Plan, RunRequest, Wanted
from bot.runs.provisional import report_of
from checks.inventory import Inventory, Machine
from checks.registry import CHECKS
from checks.report import Report

ALL_VERBS = frozenset(
    {
        "cordon",
        "drain",
        "uncordon",
        "restart",
        "delete-pod",
        "apply-pool",
        "delete-pool",
        "exchange-adapter",
        "set-offloads",
    }
)


@functools.cache
def report() -> Report:
    """What a run for a plan saw of it. w1's offload is on and loses packets; all three nodes have VMXNET3."""
    recorded = bundles.read(str(resources.files("bot").joinpath(INCIDENT)))
    request = RunRequest(
        id="1", cluster="c", command="plan", checks=tuple(CHECKS), expires_at=0.0, plan=Wanted("offload-off")
    )
    made = report_of(request, Plan(snapshot=recorded.snapshot, jobs=()), recorded.observations)
    inventory = made.inventory or Inventory()
    # The recording is older than what is read of nodes now.
    machines = tuple(
        msgspec.structs.replace(machine, ready=True, system_uuid=UUIDS[machine.name]) for machine in inventory.machines
    )
    return msgspec.structs.replace(made, inventory=msgspec.structs.replace(inventory, machines=machines))


UUIDS = {
    "cp": "4202c0de-0000-4000-8000-000000000010",
    "w1": "4202c0de-0000-4000-8000-000000000011",
    "w2": "4202c0de-0000-4000-8000-000000000012",
}
"""As the lab's nodes have them."""


def incident(*nodes: str, verbs: frozenset[str] = frozenset(), **choices: Any) -> Situation:
    """The situation, with nodes and choices that a person named."""
    return situation(report(), nodes, choices, verbs)


def with_machine(given: Situation, name: str, **changes: Any) -> Situation:
    """The situation with one node changed; one that was not there is added."""
    inventory = given.inventory
    machines = [m for m in inventory.machines if m.name != name]
    changed = msgspec.structs.replace(inventory.machine(name) or Machine(name=name, ready=True), **changes)
    inventory = msgspec.structs.replace(inventory, machines=tuple(sorted((*machines, changed), key=lambda m: m.name)))
    return Situation(
        inventory=inventory,
        findings=given.findings,
        diagnosis=given.diagnosis,
        nodes=given.nodes,
        choices=given.choices,
        verbs=given.verbs,
    )
