"""What probes see on a way that is well, made of what passed in the recording. Pure."""

import msgspec

from bot.playground.rehearsal.recording import Recording
from checks.dns.model import SERVICE, Asked
from checks.mtu.model import Measurement as Size
from checks.observation import Answer, Network
from checks.paths.model import HOST_TO_HOST, Counters, Kind, Measurement
from checks.probes.outcome import Result

CREATED = 201
"""HTTP's word for what a dry run that was agreed to answers."""


class Passing:
    """The passing twin of each observation that did not pass."""

    def __init__(self, recording: Recording) -> None:
        self._measured = [m for m in recording.measured() if m[2].result is Result.OK]
        self._sizes = [
            (network, node, m)
            for (network, node), data in recording.sizes.items()
            for m in data.measurements
            if m.result is Result.OK
        ]
        self._asked = [a for a in recording.asked() if a[2].sent == a[2].answered and a[2].tcp is Result.OK]

    def measurement(self, network: Network, node: str, failed: Measurement) -> Measurement:
        """A probe that passes, as long as the likest that did; as it is where nothing like it passed."""
        # No greeting of a webhook passed where the webhook is what broke: it takes a TCP connection, as D does.
        like = self._like(network, node, failed) or self._like(network, node, failed, Kind.TCP)
        if like is None:
            return failed
        return msgspec.structs.replace(failed, result=Result.OK, rtt_s=like.rtt_s, detail="")

    def size(self, network: Network, node: str, failed: Size) -> Size:
        """A path that carries what the likest path that was measured does; as it is where none was."""
        found = [
            (asked_in is not network, asker != node, size)
            for asked_in, asker, size in self._sizes
            if size.network is failed.network
        ]
        if not found:
            return failed
        like = min(found, key=lambda each: each[:2])[2]
        return msgspec.structs.replace(like, peer=failed.peer, address=failed.address)

    def asked(self, network: Network, node: str, failed: Asked) -> Asked:
        """A DNS server that answers everything that it was sent, in the proportions of one that did."""
        found = [a for n, asker, a in self._asked if n is network and asker == node] or [a for _, _, a in self._asked]
        if not found:
            return failed
        like = found[0]
        return msgspec.structs.replace(
            like,
            name=failed.name,
            node=failed.node,
            address=failed.address,
            sent=failed.sent,
            answered=failed.sent,
            rcodes=_scaled(like.rcodes, failed.sent, like.sent),
            nx_rcodes=_scaled(like.nx_rcodes, failed.sent, like.sent),
        )

    def answer(self, failed: Answer) -> Answer:
        """The API server's, when the webhook agrees; it takes as long as the slowest TCP probe that passed."""
        took = [m.rtt_s for _, _, m in self._measured if m.kind is Kind.TCP]
        return Answer(status=CREATED, message="", elapsed_s=max(took)) if took else failed

    def _like(self, network: Network, node: str, failed: Measurement, kind: Kind | None = None) -> Measurement | None:
        """The passing probe of a kind, from the same asker if there is one, else from the same network."""
        wanted = kind or failed.kind
        found = [
            (n is not network, asker != node, m)
            for n, asker, m in self._measured
            if m.kind is wanted and (m.name == HOST_TO_HOST) == (failed.name == HOST_TO_HOST)
        ]
        return min(found, key=lambda each: each[:2])[2] if found else None


def is_service(asked: Asked) -> bool:
    """Whether it is the ClusterIP that was asked."""
    return asked.name == SERVICE


def undamaged(counters: Counters) -> Counters:
    """Nobody sends damaged packets, so none is counted and none is sent again."""
    return msgspec.structs.replace(counters, tcp_checksum_errors=0, udp_checksum_errors=0, tcp_retransmissions=0)


def _scaled(rcodes: dict[str, int], sent: int, of: int) -> dict[str, int]:
    return {rcode: round(count * sent / of) for rcode, count in rcodes.items()}
