"""What a sound cluster answers to the jobs of `nic`."""

from checks.nic.model import Data, Feature, Interface, Role
from checks.observation import Task


def sound(_task: Task) -> Data:
    """The answer to one job: the incident's adapter, its tunnel offloads switched off."""
    off = (Feature("tx-udp_tnl-segmentation", on=False), Feature("tx-udp_tnl-csum-segmentation", on=False))
    adapter = Interface(
        name="eth0",
        role=Role.NODE,
        driver="vmxnet3",
        hardware=True,
        pci_id="15ad:07b0",
        mtu=1500,
        features=off,
        rises={"rx_errors": 0, "rx_packets": 10, "tx_timeout": 0},
    )
    return Data(interfaces=(adapter,), window_s=1.0)
