"""Find a node's virtual machine.

Copies of a machine may share a UUID, so one hit is demanded in all, and a MAC of the node has to be the machine's.
"""

from collections.abc import Iterable
from typing import Any

from pyVmomi import vim

from bot.operator.vcenter.errors import IdentityError
from bot.operator.vcenter.session import Session, ref
from bot.runbooks.identity import Sought, candidates

_DEVICES = "config.hardware.device"
_LOOK = "Compare the node's UUID and MAC with the machine's in vCenter, and do this node by hand."


def find(session: Session, sought: Sought) -> str:
    """The id of a node's virtual machine, `vm-42`.

    Raises:
        IdentityError: none or more than one has such a UUID, or the one has none of the node's MACs.
        VCenterError: vCenter cannot be asked.
    """
    what = f"Looking for the virtual machine of {sought.node}"
    tried = candidates(sought.system_uuid, sought.provider_id)
    hits = _hits(session, tried, what)
    if not hits:
        listed = ", ".join(tried) or f"{sought.system_uuid!r}, which is none"
        raise IdentityError(f"{what}: none has its UUID, tried as {listed}.", hint=_LOOK)
    read = session.properties(hits.values(), vim.VirtualMachine, ("name", _DEVICES), what)
    if len(read) != 1:
        named = ", ".join(sorted(f"{values.get('name')} ({key})" for key, values in read.items()))
        raise IdentityError(f"{what}: {len(read)} have its UUID: {named}. Copies share one.", hint=_LOOK)
    ((found, values),) = read.items()
    theirs, ours = _macs(values.get(_DEVICES, ())), {mac.lower() for mac in sought.macs}
    if not theirs & ours:
        raise IdentityError(
            f"{what}: {values.get('name')} has its UUID but not its MAC: "
            f"the machine has {_listed(theirs)}, the node {_listed(ours)}.",
            hint=_LOOK,
        )
    return found


def _hits(session: Session, tried: Iterable[str], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in tried:

        def call(wanted: str = each) -> Any:
            index = session.content.searchIndex
            return index.FindAllByUuid(datacenter=None, uuid=wanted, vmSearch=True, instanceUuid=False)

        found |= {ref(hit): hit for hit in session.read(call, what) or []}
    return found


def _macs(devices: Iterable[Any]) -> set[str]:
    return {mac.lower() for device in devices if (mac := getattr(device, "macAddress", ""))}


def _listed(macs: set[str]) -> str:
    return ", ".join(sorted(macs)) or "none"
