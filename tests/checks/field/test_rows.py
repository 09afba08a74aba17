"""Every mistake that was reported once, and where its right answer is a test: a table, held to what there is.

The reports of public threads are in `tests.checks.field.test_reports`, by their sources. What is here was seen on a
real cluster or in third parties' material; each row stands for its kind.
"""

import ast
from pathlib import Path

import pytest

from checks.diagnosis.causes import CAUSES
from tests.accuracy.catalogue import cases

ROOT = Path(__file__).parents[3]
STAGED = {
    "one pair of nodes loses VXLAN in the network below": (
        "vxlan-port-conflict",
        "vxlan-port-conflict node=w1 peer=w2",
    ),
    "a share of the packets towards one node is lost": ("underlay-loss", "underlay-loss share=5 node=w1"),
    "CoreDNS's upstream is silent": ("coredns-upstream", "coredns-upstream + cordoned"),
    "CoreDNS is scaled to 0": ("coredns-none-ready", "coredns-down + cordoned"),
    "a node's FORWARD chain rejects TCP": ("forward-reject", "forwarding verdict=reject node=w1"),
    "the kubelet of a node is stopped": ("node-not-ready", "kubelet node=w1"),
    "a wrong FDB entry": ("overlay-state", "overlay-state peer=all what=fdb node=w1"),
    "a missing route to one node's pod subnet": ("overlay-state", "overlay-state node=w1 peer=w2 what=route"),
    "the process of a webhook is stopped": ("webhook-hangs", "cordoned + webhook-hangs"),
    "a webhook Service's targetPort points nowhere": ("wrong-target-port", "wrong-target-port port=9444"),
    "a pool that covers node addresses": ("pool-overlap", "pool-overlap node=w1"),
    "a pool is exhausted with a pending Service": ("pool-exhausted", "pool-exhausted size=1"),
    "a speaker hangs": ("speaker-hung", "speaker-hung node=w1"),
    "offload on w1 and MTU on w2": ("mtu-mismatch", "vmxnet3-tunnel-offload node=w1 + mtu-mismatch node=w2"),
}
"""What the lab stages, with the cause: `make accuracy` has each with further parameters."""
TESTED = {
    "dual stack: one node's IPv6 tunnel": ("tests/checks/diagnosis/test_recordings.py", "test_a_recording_replays"),
    "the worker's own node loses its link": ("tests/incident/test_broken_cluster.py", "test_it_answers_and_names"),
    "a kubeconfig without agents": ("tests/checks/coverage/test_judge.py", "test_a_cluster_without_agents_is_one_line"),
    "error texts, each with its source": ("tests/checks/reading/test_strings.py", "test_there_are_enough"),
    "MetalLB outside metallb-system": (
        "tests/checks/parts/test_distributions.py",
        "test_what_is_renamed_and_moved_is_found_all_the_same",
    ),
    "object sets of eleven distributions": ("tests/checks/parts/test_distributions.py", "test_parts_are_found"),
    "collect-metadata and leftover tunnel devices": (
        "tests/checks/nic/test_judge.py",
        "test_tunnels_whose_mtu_binds_nobody",
    ),
    "the last of several tunnel devices": ("tests/checks/nic/test_judge.py", "test_every_tunnel_counts"),
    "an OVS bridge with the InternalIP": (
        "tests/checks/nic/test_observe.py",
        "test_below_open_vswitch_every_adapter_counts",
    ),
    "an adapter that could not be identified": (
        "tests/checks/nic/test_judge.py",
        "test_hardware_that_does_not_tell_what_it_is",
    ),
    "counters that could not be read": ("tests/checks/nic/test_judge.py", "test_errors_that_were_not_watched"),
    "configurations that MetalLB's own tests reject": (
        "tests/checks/metallb/test_validation.py",
        "test_what_metallb_refuses_is_not_called_well",
    ),
    "caBundle against Go's verifier": ("tests/checks/webhook/test_verifier.py", "test_bundles_and_certificates"),
    "PEM as Go reads it": ("tests/checks/webhook/test_verifier.py", "test_any_text_is_read_as_go_reads_it"),
    "hooks of one name": ("tests/checks/webhook/test_products.py", "test_namesakes_of_two_sorts_are_two"),
    "a webhook's Service as the API server resolves it": (
        "tests/checks/webhook/test_resolve.py",
        "test_what_the_api_server_finds",
    ),
    "invalid UTF-8 and nesting without end in API answers": (
        "tests/checks/test_cluster.py",
        "test_what_no_json_parser_takes_is_a_gap",
    ),
    "the same in envelopes and bundles": ("tests/bot/test_bundle.py", "test_a_file_that_is_no_bundle_is_said"),
    "the same in interface names": ("tests/checks/nic/test_observe.py", "test_hostile_files_are_no_error"),
    "HTTP 429 is asked again": ("tests/checks/test_cluster.py", "test_busy_api_server_is_asked_again"),
    "a Corefile's zones, variables and imports": (
        "tests/checks/dns/test_corefile.py",
        "test_domain_comes_from_the_files_that_coredns_sees",
    ),
    "thousands of nodes": (
        "tests/checks/paths/test_plan.py",
        "test_a_plan_grows_with_the_nodes_and_not_with_their_square",
    ),
}
"""Where the right answer of a row is a test: its file, and how the name of its function begins."""


@pytest.mark.parametrize("row", STAGED)
def test_what_the_lab_stages_is_in_the_catalogue(row: str) -> None:
    """With its cause as the right answer."""
    slug, line = STAGED[row]

    case = next(case for case in cases() if case.name == line)

    assert slug in CAUSES
    assert slug in case.expected


@pytest.mark.parametrize("row", TESTED)
def test_what_is_tested_elsewhere_is_there(row: str) -> None:
    """A test that is renamed or removed takes its row along."""
    path, begins = TESTED[row]
    functions = [node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)]

    assert any(name.startswith(begins) for name in functions)
