"""The kernel's counters are read as it writes them."""

from pathlib import Path

import pytest

from checks.paths import counters
from checks.paths.model import Counters

SNMP = """\
Ip: InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers ReasmReqds ReasmOKs
Ip: {received} 1 2 100 3 4 {delivered} 6 3
Tcp: RetransSegs InErrs InCsumErrors
Tcp: 8 2 {damaged}
Udp: InDatagrams NoPorts InErrors InCsumErrors
Udp: 50 6 7 5
"""


def write(folder: Path, **values: int) -> str:
    """A procfs with such counters."""
    (folder / "net").mkdir(exist_ok=True)
    (folder / "net/snmp").write_text(SNMP.format(**{"received": 1000, "delivered": 800, "damaged": 3} | values))
    return str(folder)


def test_rises_are_differences(tmp_path: Path) -> None:
    """Of each counter by itself; one that fell (a namespace made anew) counts as unchanged."""
    before = counters.read(write(tmp_path))
    after = counters.read(write(tmp_path, damaged=12, received=1450, delivered=850))
    assert Counters(tcp_checksum_errors=9, ip_vanished=400, seconds=0.512) == counters.rise(before, after, 0.51234)
    assert Counters(seconds=1.0) == counters.rise(after, before, 1.0)


def test_the_balance_of_the_ip_layer(tmp_path: Path) -> None:
    """What came in, less delivered, forwarded, faulty and joined from fragments, is what vanished."""
    assert 1000 - 800 - 100 - 1 - 2 - 3 - 4 - 6 + 3 == counters.read(write(tmp_path))["ip_vanished"]


@pytest.mark.parametrize("content", ["", "Ip: A\n", "Ip: A\nIp: x\n", "Ip: A B\nIp: 1\n", "Tcp: A\nTcp: 1\n"])
def test_what_is_not_counters_is_an_error(tmp_path: Path, content: str) -> None:
    """Half-written or foreign content is a ValueError, never another exception."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net/snmp").write_text(content)
    with pytest.raises(ValueError, match=r".+"):
        counters.read(str(tmp_path))


def test_this_kernels_own() -> None:
    """Whatever else this kernel counts, what is wanted is there."""
    if not Path("/proc/net/snmp").exists():
        pytest.skip("needs Linux")
    assert set(counters.WANTED) == set(counters.read("/proc"))
