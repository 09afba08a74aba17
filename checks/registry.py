"""The one list of checks."""

from checks import dns, ipv6, metallb, nic, paths, webhook
from checks.check import Check

CHECKS: dict[str, Check] = {
    check.name: check for check in (webhook.CHECK, paths.CHECK, dns.CHECK, nic.CHECK, ipv6.CHECK, metallb.CHECK)
}
"""Every registered check by its name, in the order in which people see them."""
