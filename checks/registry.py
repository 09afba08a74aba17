"""The one list of checks."""

from typing import TYPE_CHECKING

from checks import dns, ipv6, metallb, nic, paths, webhook
from checks.check import Check

if TYPE_CHECKING:
    from checks.code import Code

CHECKS: dict[str, Check] = {
    check.name: check for check in (webhook.CHECK, paths.CHECK, dns.CHECK, nic.CHECK, ipv6.CHECK, metallb.CHECK)
}
"""Every registered check by its name, in the order in which people see them."""


def declared(code: str) -> "Code | None":
    """What a registered check declares of a finding code; None for any other."""
    check = CHECKS.get(code.partition(".")[0])
    return next((c for c in check.codes if c.name == code), None) if check else None
