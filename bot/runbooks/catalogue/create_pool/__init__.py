"""Give MetalLB addresses: ranges checked, a dry run, then the pool and its advertisement."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from bot.runbooks import by_hand, expected
from bot.runbooks.catalogue.create_pool.ranges import Wrong, overlaps, parse
from bot.runbooks.model import Approval, Expectation, Form, Hand, Plan, Step, Undo
from bot.runbooks.operations import ApplyPool, DeletePool
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import Text, say

_API = "metallb.io/v1beta1"


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The pool."""

    way: str = ""
    """`manual`: a person applies it, although an operator is there."""
    name: Annotated[str, msgspec.Meta(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")] = "default"
    """The pool's name."""
    addresses: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """Ranges or networks, separated by commas: `192.0.2.10-192.0.2.50,2001:db8::/120`."""


def _plan(situation: Situation) -> Plan:
    choices = msgspec.convert(dict(situation.choices), Choices)
    title = say("Create the address pool {name}", name=choices.name)
    reasons = tuple(_refusals(situation, choices))
    if reasons:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=reasons)
    return Plan(runbook=RUNBOOK.name, title=title, steps=tuple(_steps(situation, choices)))


def _refusals(situation: Situation, choices: Choices) -> Iterator[Text]:
    if not situation.inventory.metallb_namespace:
        yield say("MetalLB was not found in this cluster.")
    try:
        ranges = parse(choices.addresses)
    except Wrong as error:
        yield error.text
        return
    if choices.name in situation.inventory.pools:
        yield say("There is a pool {name} already: choose another name.", name=choices.name)
    yield from overlaps(ranges, situation.inventory)


def _steps(situation: Situation, choices: Choices) -> Iterator[Step]:
    namespace = situation.inventory.metallb_namespace
    addresses = tuple(part.strip() for part in choices.addresses.split(","))
    automatic = situation.can("apply-pool", "delete-pool")
    yield Step(
        name="dry-run",
        title=say("Call the webhook in a dry run"),
        hand=Hand.NOBODY,
        verification=(expected.webhook(),),
        patience_s=10.0,
    )
    yield Step(
        name="apply",
        title=say("Create the pool {name} and its L2Advertisement", name=choices.name),
        unit="pool",
        hand=Hand.OPERATOR if automatic else Hand.PERSON,
        why=(say("Addresses: {addresses}", addresses=list(addresses)),),
        forms=(_manifest(namespace, choices.name, addresses),),
        operation=ApplyPool(namespace=namespace, name=choices.name, addresses=addresses) if automatic else None,
        verification=(Expectation("metallb.pools", expected.PASS),),
        undo=Undo(
            title=say("Delete the pool {name} and its L2Advertisement", name=choices.name),
            forms=(by_hand.kubectl(f"-n {namespace} delete l2advertisement,ipaddresspool {choices.name}"),),
            operation=DeletePool(namespace=namespace, name=choices.name, addresses=addresses) if automatic else None,
        ),
        approval=Approval.ONE if automatic else Approval.NONE,
        patience_s=15.0,
    )
    yield Step(
        name="assigned",
        title=say("See that LoadBalancer Services have addresses, and which node announces them"),
        hand=Hand.NOBODY,
        verification=(
            Expectation("metallb.addresses", ("pass", "none", "young")),
            Expectation("metallb.announced", ("pass", "none", "not-told", "foreign", "idle", "young")),
            Expectation("metallb.speaker", expected.PASS),
        ),
        patience_s=30.0,
    )


def _manifest(namespace: str, name: str, addresses: tuple[str, ...]) -> Form:
    return Form(
        say("kubectl"),
        (
            "kubectl apply -f - <<'EOF'",
            f"apiVersion: {_API}",
            "kind: IPAddressPool",
            f"metadata: {{name: {name}, namespace: {namespace}}}",
            "spec:",
            f"  addresses: [{', '.join(addresses)}]",
            "---",
            f"apiVersion: {_API}",
            "kind: L2Advertisement",
            f"metadata: {{name: {name}, namespace: {namespace}}}",
            "spec:",
            f"  ipAddressPools: [{name}]",
            "EOF",
        ),
    )


RUNBOOK = Runbook(
    name="create-pool",
    title="Create an address pool",
    plan=_plan,
    choices=Choices,
    needs={"addresses": "192.0.2.10-192.0.2.50"},
)
