"""Prints the Debian packages that the whole test suite needs, for `.ci/run` and for people."""

from tests.lab.prerequisites import PACKAGES
from tests.qemu import PACKAGES as QEMU_PACKAGES

BROWSER = ("chromium",)

if __name__ == "__main__":
    print(*sorted({*PACKAGES.values(), *QEMU_PACKAGES, *BROWSER}))
