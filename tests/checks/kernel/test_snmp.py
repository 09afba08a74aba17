"""The kernel's counters are read as it writes them; what it would not write is left out."""

from pathlib import Path

import pytest

from checks.kernel.snmp import read_snmp, read_snmp6


def write(procfs: Path, name: str, content: bytes) -> Path:
    """A procfs with such a file."""
    (procfs / "net").mkdir()
    (procfs / "net" / name).write_bytes(content)
    return procfs


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Tcp: MaxConn InSegs\nTcp: -1 7\n", {("Tcp", "MaxConn"): -1, ("Tcp", "InSegs"): 7}),
        (b"Tcp: InSegs\nTcp: 7\nUdp: NoPorts\nUdp: 5\n", {("Tcp", "InSegs"): 7, ("Udp", "NoPorts"): 5}),
        (b"", {}),
        (b"Udp: NoPorts\n", {}),
        (b"Udp: NoPorts InErrors\nUdp: 5\n", {}),
        (b"Udp: NoPorts InErrors\nUdp: five 6\n", {("Udp", "InErrors"): 6}),
        (b"Udp: NoPorts\nUdp: " + b"9" * 5000, {}),
        (b"Udp: NoPorts\nUdp: 1_0\n", {}),
        (b"\xff: \xff\n\xff: 1\nUdp: NoPorts\nUdp: 5\n", {("\ufffd", "\ufffd"): 1, ("Udp", "NoPorts"): 5}),
        (b"one line without anything\nUdp: NoPorts\nUdp: 5\n", {("Udp", "NoPorts"): 5}),
    ],
)
def test_counters_by_protocol_and_column(tmp_path: Path, content: bytes, expected: dict[tuple[str, str], int]) -> None:
    """Half lines, numbers that are none and bytes that are no text spoil themselves alone."""
    assert expected == read_snmp(write(tmp_path, "snmp", content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Ip6OutNoRoutes   \t3\nIp6InDiscards 4\n", {"Ip6OutNoRoutes": 3, "Ip6InDiscards": 4}),
        (b"Ip6OutNoRoutes\nIp6InDiscards 4 5\nUdp6NoPorts x\n", {}),
        (b"\xff 1\nUdp6NoPorts " + b"1" * 19, {"\ufffd": 1}),
    ],
)
def test_ipv6_counters_by_name(tmp_path: Path, content: bytes, expected: dict[str, int]) -> None:
    """One a line, and the same of what is in no form."""
    assert expected == read_snmp6(write(tmp_path, "snmp6", content))


def test_a_kernel_without_ipv6_counts_nothing(tmp_path: Path) -> None:
    """While one without any counters is an error that its reader names."""
    assert {} == read_snmp6(tmp_path)
    with pytest.raises(OSError, match="snmp"):
        read_snmp(tmp_path)
