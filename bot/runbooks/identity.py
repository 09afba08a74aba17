"""By what vCenter may know a node. Pure.

A node knows its machine by the UUID in its firmware's tables. Linux shows the first three groups of it byte by byte
reversed where the tables are of SMBIOS 2.6 or later (VM hardware 13 and later shows 2.7), and as they are otherwise, so
both orders are tried; `spec.providerID` has vSphere's own order.
"""

import re
import uuid

import msgspec

PROVIDER = "vsphere://"


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a node."""

    node: str
    system_uuid: str
    """`status.nodeInfo.systemUUID`."""
    provider_id: str = ""
    """`spec.providerID`."""
    macs: tuple[str, ...]
    """Of the node's own interfaces, as they were seen on the node."""


def candidates(system_uuid: str, provider_id: str = "") -> tuple[str, ...]:
    """The UUIDs by which vCenter may know a node, in small letters; none when what is known is no UUID."""
    known = _both(system_uuid)
    if provider_id.startswith(PROVIDER):
        known += _both(provider_id.removeprefix(PROVIDER))[:1]
    return tuple(dict.fromkeys(known))


def _both(text: str) -> list[str]:
    digits = re.sub(r"[^0-9a-f]", "", text.strip().lower().removeprefix("vmware-"))
    try:
        known = uuid.UUID(hex=digits)
    except ValueError:
        return []
    return [str(known), str(uuid.UUID(bytes_le=known.bytes))]
