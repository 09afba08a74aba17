"""What kubelets tell pods about DNS, as kubeadm keeps it in a ConfigMap. Pure.

kubeadm writes it by machine, one key a line, so that no YAML parser is needed for the two keys that are read.
"""

import re

_KEYS = re.compile(r"^(clusterDNS|clusterDomain):[ \t]*(.*)$", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*- *(\S+)[ \t]*$")
_FLOW = re.compile(r"[\[\],\s]+")


def dns_lines(configuration: str) -> str:
    """The lines of a KubeletConfiguration that are about the cluster's DNS; the others are nobody's business."""
    addresses, domain = cluster_dns(configuration), cluster_domain(configuration)
    lines = ["clusterDNS:", *(f"- {address}" for address in addresses)] if addresses else []
    return "\n".join([*lines, *([f"clusterDomain: {domain}"] if domain else []), ""])


def cluster_dns(configuration: str) -> tuple[str, ...]:
    """The addresses of the name servers that kubelets give to pods."""
    for match in _KEYS.finditer(configuration):
        if match[1] == "clusterDNS":
            inline = tuple(filter(None, map(_plain, _FLOW.split(match[2]))))
            return inline or tuple(_items(configuration[match.end() :].lstrip("\n")))
    return ()


def cluster_domain(configuration: str) -> str:
    """The domain of the cluster, without the dot at its end; empty where it is not said."""
    return next((_plain(m[2]).rstrip(".") for m in _KEYS.finditer(configuration) if m[1] == "clusterDomain"), "")


def _items(text: str) -> list[str]:
    items = []
    for line in text.splitlines():
        match = _ITEM.match(line)
        if not match:
            break
        items.append(_plain(match[1]))
    return items


def _plain(value: str) -> str:
    return value.partition(" #")[0].strip().strip("\"'")
