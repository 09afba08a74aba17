"""The vCenter of the lab: a simulator, and the link that lets the nodes follow its virtual machines."""

import msgspec

from tests.lab import vcenter_link
from tests.lab.layout import LabError

CONTROL = "http://127.0.0.1:8990"
"""Where the simulator tells what its machines are like."""


def start(control: str = CONTROL) -> None:
    """Start the simulator and the link.

    Raises:
        LabError: the simulator does not answer.
    """
    start_simulator(control)
    vcenter_link.start_link(control)


def start_simulator(control: str) -> None:
    """Start the simulator with its control port at this URL, unless one answers there.

    Raises:
        LabError: none does.
    """
    try:
        vcenter_link.read(control)
    except (OSError, msgspec.MsgspecError) as error:
        raise LabError(f"no vCenter simulator at {control}: {error}") from error
