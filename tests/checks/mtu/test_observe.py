"""One agent's job on loopback, and the search."""

import msgspec
import pytest

from checks.mtu import CHECK
from checks.mtu.model import Aim, Data, Request
from checks.observation import Context, Network
from checks.probes.mtu import _rungs, path_mtu
from checks.probes.outcome import Result
from tests.checks.probes.servers import echo_server

LOOPBACK_MTU = 65535


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_what_loopback_carries(address: str) -> None:
    """Both families are searched alike, and the answer survives the wire."""
    with echo_server(address) as port:
        aim = Aim(peer="w2", network=Network.POD, address=address, port=port)
        data = CHECK.observe(Request(aims=(aim,)), Context(network=Network.POD, node="w1"))
    assert isinstance(data, Data)
    (measured,) = data.measurements
    assert (Result.OK, "w2", Network.POD, address) == (
        measured.result,
        measured.peer,
        measured.network,
        measured.address,
    )
    assert [LOOPBACK_MTU] * 3 == [measured.mtu, measured.limit, measured.device]
    assert data == msgspec.json.decode(msgspec.json.encode(data), type=Data)


def test_path_mtu_without_an_echo_is_not_measured() -> None:
    """A missing echo is no black hole."""
    with echo_server() as port:
        pass
    found = path_mtu("127.0.0.1", port, 0.3)
    assert (Result.REFUSED, 0) == (found.outcome.result, found.limit)


@pytest.mark.parametrize(
    ("low", "high", "largest", "expected"),
    [
        (576, 1449, 1450, [576, 701, 825, 950, 1075, 1200, 1324, 1449, 1450]),
        (1325, 1328, 1450, [1325, 1326, 1327, 1328]),
        (1350, 1350, 1450, [1350]),
        (1351, 1350, 1450, []),
    ],
)
def test_rungs_close_in(low: int, high: int, largest: int, expected: list[int]) -> None:
    """Evenly spread with both ends; the first round has the largest size once more."""
    assert expected == _rungs(low, high, largest)
