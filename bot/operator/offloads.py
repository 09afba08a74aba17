"""What runs in the short-lived pod with NET_ADMIN, and nothing else: `python -m bot.operator.offloads INTERFACE on`."""

import sys
from pathlib import Path

from checks.kernel.ethtool import ethtool
from checks.nic.adapters import TUNNEL_OFFLOADS

TOLD = Path("/dev/termination-log")
"""What stands here is part of the pod's status, so that reading it takes no right to logs."""


def main(interface: str, word: str) -> int:
    """Switch both tunnel offloads `on` or `off`, tell how they are then, and end with 0 if that is as it shall be."""
    wanted = dict.fromkeys(TUNNEL_OFFLOADS, word == "on")
    try:
        with ethtool() as kernel:
            kernel.switch(interface, wanted)
            states = kernel.features(interface)
    except (OSError, KeyError) as error:
        _tell(f"{interface}: {error!r}")
        return 1
    now = {name: states[name].on for name in wanted}
    _tell(", ".join(f"{name}: {'on' if on else 'off'}" for name, on in now.items()))
    return 0 if now == wanted else 1


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    if TOLD.exists():
        TOLD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
