"""What some tests need of the machine. Where it is missing they are skipped with the reason; in CI they fail."""

import os
import shutil
import sys

import pytest


def need(present: bool, reason: str) -> None:  # noqa: FBT001 - it is the one thing that is said
    """Skip the test unless it is present; fail it in CI, where everything has to be."""
    if present:
        return
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def need_linux() -> None:
    """For interfaces of Linux alone."""
    need(sys.platform == "linux", "needs Linux")


def need_network_namespaces() -> None:
    """For network namespaces of the test's own."""
    need_linux()
    need(os.geteuid() == 0, "needs root, to make a network namespace")
    need(shutil.which("ip") is not None, "needs ip (Debian: apt-get install iproute2)")
