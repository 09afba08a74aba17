"""Judge how large a packet may be that arrives. Pure."""

from collections.abc import Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.localise import located, worst_first
from checks.observation import Network
from checks.paths.model import Kind, Measurement
from checks.paths.plan import HOST_TO_HOST
from checks.paths.rows import ALONE
from checks.paths.samples import Sample, Samples, by_place
from checks.place import Pair
from checks.probes.mtu import SMALLEST
from checks.probes.outcome import family
from checks.text import Text, Unit, Value, listed, names, say, say_many, shortened, size

PASS, SMALL, BLACK_HOLE = "pass", "small", "black-hole"
PATH_MTU = Code(
    name="paths.path-mtu",
    meaning="The largest UDP packet that arrives, against what the sender's route allows",
    place=Pair,
    outcomes=(
        Outcome(PASS, Severity.OK, "whatever the interface takes"),
        Outcome(SMALL, Severity.ADVICE, "less, and a router or the route says so, so that TCP adapts"),
        Outcome(BLACK_HOLE, Severity.FAILED, "larger ones vanish without a word"),
    ),
    measures={"mtu": Unit.BYTES, "limit": Unit.BYTES, "device": Unit.BYTES},
)


def judge_path_mtu(found: Samples, coverage: Sequence[Text], *, alone: bool) -> Finding:
    """`black-hole` where a size that the sender's route allows vanishes without a word while small packets pass.

    A pair of nodes has two paths, between the nodes and between their pods; the worse one stands for it. A path that
    does not even carry small packets has no size, and other rows of the matrix say so.
    """
    paths = [sample for sample in found.between_pods(Kind.PATH_MTU) if not _between_hosts(sample)]
    paths += [sample for sample in found.of[Kind.PATH_MTU] if _between_hosts(sample)]
    places = by_place(paths, lambda sample: sample.pair)
    if alone and not places:
        return PATH_MTU.found(ALONE, outcome=PASS)
    measured = [sample for sample in paths if _outcome(sample) != UNSEEN]
    silent = [sample for sample in paths if _outcome(sample) == UNSEEN]
    unclear = [*shortened(say("no size of {path}", path=sample.line()) for sample in silent), *coverage]
    if not measured:
        return PATH_MTU.unseen(say("The path MTU was not measured on any path."), unclear, places)
    seen = {pair: _seen(pair, probes) for pair, probes in places.items()}
    word = max((_outcome(sample) for sample in measured), key=PATH_MTU.words.index)
    worst = [] if word == PASS else [sample for sample in measured if _outcome(sample) == word]
    order = worst_first({sample.pair for sample in worst})
    rank = {pair: at for at, pair in enumerate(order)}
    worst.sort(key=lambda sample: rank[sample.pair])
    return PATH_MTU.found(
        _sentence(word, worst, measured, len(silent)),
        [seen[pair] for pair in dict.fromkeys([*order, *seen])],
        # A size that every path shares is how the network was set up; one that only some have is worth a look.
        severity=Severity.OK if word == SMALL and not _uneven(measured) else None,
        evidence=[*shortened(map(_line, worst)), *_limits(measured), *unclear],
    )


def _between_hosts(sample: Sample) -> bool:
    return sample.measurement.name == HOST_TO_HOST


def _outcome(sample: Sample) -> str:
    m = sample.measurement
    if not m.limit:
        return UNSEEN
    if m.mtu < m.known_limit:
        return BLACK_HOLE
    return SMALL if m.mtu < m.device else PASS


def _seen(pair: Pair, paths: Sequence[Sample]) -> Seen:
    """The worse path of a pair, the smaller of equals."""
    known = [sample for sample in paths if _outcome(sample) != UNSEEN]
    if not known:
        return Seen(pair, UNSEEN)
    worst = max(known, key=lambda s: (PATH_MTU.words.index(_outcome(s)), -s.measurement.mtu))
    m = worst.measurement
    return Seen(pair, _outcome(worst), {"mtu": m.mtu, "limit": m.limit, "device": m.device})


def _uneven(measured: Sequence[Sample]) -> bool:
    sizes = {(s.measurement.mtu, s.measurement.device, _between_hosts(s)) for s in measured}
    return len(sizes) > len({_between_hosts(s) for s in measured})


def _sentence(word: str, worst: Sequence[Sample], measured: Sequence[Sample], silent: int) -> Text:
    text = _passing(measured) if word == PASS else _failing(word, worst, measured)
    if not silent:
        return text
    return say_many(
        "{text} {count} path carries not even small packets, so its size is not known.",
        "{text} {count} paths carry not even small packets, so their size is not known.",
        silent,
        text=text,
    )


def _passing(measured: Sequence[Sample]) -> Text:
    devices = sorted({sample.measurement.device for sample in measured})
    return say_many(
        "Packets as large as the interfaces allow ({sizes}) arrive on the one path that was measured.",
        "Packets as large as the interfaces allow ({sizes}) arrive on all {count} paths that were measured.",
        len(measured),
        sizes=listed(map(size, devices)),
    )


def _failing(word: str, worst: Sequence[Sample], measured: Sequence[Sample]) -> Text:
    largest = min(sample.measurement.mtu or _smallest(sample.measurement) - 1 for sample in worst)
    values: dict[str, Value] = {"size": size(largest), "bad": len(worst), "total": len(measured)}
    if word == BLACK_HOLE:
        claim = say("Packets over {size} vanish, and nobody tells the sender, on {bad} of {total} paths", **values)
    else:
        claim = say(
            "Packets over {size} are too large although the interface takes them, but the sender is told, on {bad} of "
            "{total} paths",
            **values,
        )
    failed = {sample.pair for sample in worst}
    return located(claim, failed, {sample.pair for sample in measured} - failed)


def _smallest(m: Measurement) -> int:
    """The smallest size that was searched."""
    return SMALLEST[family(m.address)]


def _line(sample: Sample) -> Text:
    m = sample.measurement
    arrives = say("{size} is the largest that arrives", size=size(m.mtu))
    if not m.mtu:
        arrives = say("nothing of {size} or more arrives", size=size(_smallest(m)))
    told = say("a router says {size}", size=size(m.signalled)) if m.signalled else say("no router says anything")
    way = say("from the {network} to the pod", network=str(sample.network))
    if _between_hosts(sample):
        way = say("between hosts")
    return say(
        "{pair} {way}: {arrives}, the route allows {limit}, the interface {device}, {told}",
        pair=sample.pair,
        way=way,
        arrives=arrives,
        limit=size(m.limit),
        device=size(m.device),
        told=told,
    )


def _limits(measured: Sequence[Sample]) -> list[Text]:
    """What the senders' interfaces allow, when they do not all allow the same: a mismatch that has not bitten yet."""
    lines = []
    for network, of_hosts in ((Network.HOST, True), (Network.POD, False)):
        nodes: dict[int, set[str]] = {}
        for s in measured:
            if s.network is network and _between_hosts(s) is of_hosts:
                nodes.setdefault(s.measurement.device, set()).add(s.node)
        if len(nodes) > 1:
            sizes = [
                say("{size} on {nodes}", size=size(mtu), nodes=names(sorted(on))) for mtu, on in sorted(nodes.items())
            ]
            lines.append(
                say(
                    "the {network} interfaces allow different sizes: {sizes}",
                    network=str(network),
                    sizes=listed(sizes),
                )
            )
    return lines
