"""What comes after the last node: settings that nobody needs any more, and MetalLB. Pure."""

from collections.abc import Iterator, Sequence

from bot.runbooks import by_hand, expected
from bot.runbooks.catalogue.vmxnet3_to_e1000e.preflight import templates
from bot.runbooks.model import Expectation, Hand, Step, Undo
from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Adapter, Machine
from checks.text import Text, say


def end_steps(situation: Situation, swapped: Sequence[Machine], *, to: str, done: tuple[str, ...]) -> Iterator[Step]:
    """The steps after the last node, in their order; `done` are the nodes with the new adapter."""
    if to == "e1000e":
        for machine in swapped:
            adapter = adapter_of(machine)
            if adapter and _switched_off(adapter):
                yield _remove(machine, adapter, done)
    yield _confirm(situation, swapped)


def _switched_off(adapter: Adapter) -> bool:
    """Whether something keeps a tunnel offload of the former adapter off: by itself VMXNET3 has both on."""
    return bool(adapter.offloads) and not all(adapter.offloads.values())


def _remove(machine: Machine, adapter: Adapter, done: tuple[str, ...]) -> Step:
    again = by_hand.tunnel_offloads(on=False)
    forms = by_hand.keep_features(machine, adapter.name, again)
    return Step(
        name=f"remove-{adapter.name}",
        title=say(
            "Remove from {node} what kept the tunnel offload of {interface} off",
            node=machine.name,
            interface=adapter.name,
        ),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say(
                "The tunnel offload of the VMXNET3 adapter was off. e1000e has none: a setting for it only fails at "
                "each start, and misleads whoever reads it."
            ),
            say(
                "What sets other things as well is not removed: take the two tunnel features out of it. What is for "
                "the tunnel's own device stays. Where there is nothing, nothing is to be done."
            ),
        ),
        forms=by_hand.remove_features(machine, adapter.name),
        verification=(
            expected.ready(machine.name),
            expected.adapter(machine.name, "e1000e"),
            *expected.paths_between(done),
        ),
        undo=Undo(
            title=say(
                "Keep the tunnel offload of {interface} on {node} off again", interface=adapter.name, node=machine.name
            ),
            forms=forms or by_hand.set_features(machine, adapter.name, again),
            verification=(expected.ready(machine.name),),
        ),
        patience_s=60.0,
    )


def _confirm(situation: Situation, swapped: Sequence[Machine]) -> Step:
    return Step(
        name="confirm",
        title=say("Confirm that the incident is over"),
        hand=Hand.NOBODY,
        why=(*_metallb(situation), *templates(swapped)),
        verification=(
            *(expected.ready(machine.name) for machine in swapped),
            expected.webhook(),
            Expectation("metallb.addresses", ("pass", "none", "not-used", "no-pool", "young")),
        ),
        patience_s=60.0,
    )


def _metallb(situation: Situation) -> Iterator[Text]:
    if not situation.inventory.metallb_namespace:
        return
    yield say(
        "The dry run comes first. Only if the webhook does not answer although every way is well, restart MetalLB's "
        "controller: redeploy-metallb."
    )
    if not situation.inventory.pools:
        yield say("There is no address pool yet: create-pool makes one, and LoadBalancer Services have addresses then.")
