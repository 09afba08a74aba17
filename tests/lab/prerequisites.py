"""What the lab needs from the machine, by Debian package."""

import os
import platform
import shutil
from pathlib import Path

from tests.lab.layout import LabError

PACKAGES = {
    "buildah": "buildah",
    "conntrack": "conntrack",
    "containerd": "containerd",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "ethtool": "ethtool",
    "gcc": "gcc",
    "/usr/include/stdlib.h": "libc6-dev",
    "ip": "iproute2",
    "ipset": "ipset",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "ping": "iputils-ping",
    "redis-server": "redis-server",
    "runc": "runc",
    "sysctl": "procps",
}
"""A program, or the path of a file -> the package that has it."""


def missing_packages() -> list[str]:
    """Return the Debian packages whose programs are not there."""
    return sorted(package for name, package in PACKAGES.items() if not (shutil.which(name) or Path(name).is_file()))


def unmet() -> str:
    """Return why the lab cannot run on this machine, or an empty string."""
    if platform.system() != "Linux":
        return "the lab needs Linux: its nodes are network namespaces"
    if os.geteuid() != 0:
        return "the lab needs root: it makes network namespaces, mounts and cgroups"
    if packages := missing_packages():
        return f"programs are missing: apt-get install --no-install-recommends {' '.join(packages)}"
    return ""


def check() -> None:
    """Raise LabError when the lab cannot run on this machine."""
    if reason := unmet():
        raise LabError(reason)
