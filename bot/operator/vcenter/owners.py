"""Who besides vCenter has a say about a virtual machine: what it made, it may make again or set back."""

from collections.abc import Iterator

from bot.operator.vcenter.model import Machine
from checks.cluster.owner import Owner
from checks.text import Text, say

_PROVISIONERS = {"terraform": "Terraform", "cluster-api": "Cluster API", "cluster.x-k8s.io": "Cluster API"}
"""Words in a machine's notes and custom attributes. None of these products leaves a mark of its own on the machine in
vCenter, so what people and modules write there is all that can be seen."""


def owners(machine: Machine, maker: Owner | None) -> list[Text]:
    """Why somebody else has a say, one sentence for each.

    Args:
        machine: As it was described.
        maker: What made it, as the Kubernetes node tells.
    """
    found = [maker.text] if maker else []
    if machine.managed_by:
        found.append(say("The vCenter extension {key} manages the VM: ask its owner.", key=machine.managed_by))
    named = sorted(
        {product for word, product in _PROVISIONERS.items() if any(word in note for note in _notes(machine))}
    )
    found += [
        say("The VM's notes say that it is made by {product}: change it there, or it may be set back.", product=product)
        for product in named
    ]
    return found


def _notes(machine: Machine) -> Iterator[str]:
    yield machine.annotation.lower()
    for name, value in machine.attributes.items():
        yield f"{name} {value}".lower()
