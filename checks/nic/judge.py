"""What the nodes' adapters, their offloads, MTUs and error counters mean."""

from checks.finding import Finding
from checks.nic.adapters import ADAPTER, TUNNEL_OFFLOAD, judge_adapter, judge_tunnel_offload
from checks.nic.counters import ERRORS, HANGS, judge_errors, judge_hangs
from checks.nic.mtus import MTU, judge_mtu
from checks.nic.nodes import Observed

CODES = (ADAPTER, TUNNEL_OFFLOAD, MTU, ERRORS, HANGS)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code, with every node that was asked as a place."""
    rules = (judge_adapter, judge_tunnel_offload, judge_mtu, judge_errors, judge_hangs)
    return [rule(gathered) for rule in rules]
