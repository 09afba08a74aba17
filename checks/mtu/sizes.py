"""Judge how large a packet may be that arrives. Pure."""

from collections.abc import Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.localise import located, worst_first
from checks.judging.places import by_place
from checks.judging.topology import ALONE
from checks.mtu.measured import BLACK_HOLE, PASS, SMALL, Path
from checks.place import Pair
from checks.text import Text, Unit, Value, listed, say, say_many, shortened, size

SIZES = Code(
    name="mtu.path",
    meaning="The largest UDP packet that arrives, against what the sender's route allows",
    place=Pair,
    outcomes=(
        Outcome(PASS, Severity.OK, "whatever the interface takes"),
        Outcome(SMALL, Severity.ADVICE, "less, and a router or the route says so, so that TCP adapts"),
        Outcome(BLACK_HOLE, Severity.FAILED, "larger ones vanish without a word"),
    ),
    measures={"mtu": Unit.BYTES, "limit": Unit.BYTES, "device": Unit.BYTES},
)


def judge_sizes(found: Sequence[Path], coverage: Sequence[Text], *, alone: bool) -> Finding:
    """`black-hole` where a size that the sender's route allows vanishes without a word while small packets pass.

    A pair of nodes has a path between the nodes and one between their pods, of each family; the worst one stands for
    it. A path that does not even carry small packets has no size, and the check `paths` says so.
    """
    pairs = by_place(found, lambda path: path.pair)
    if alone and not pairs:
        return SIZES.found(ALONE, outcome=PASS)
    measured = [path for path in found if path.outcome != UNSEEN]
    unclear = [*shortened(path.line() for path in found if path.outcome == UNSEEN), *coverage]
    if not measured:
        return SIZES.unseen(say("The path MTU was not measured on any path."), unclear, pairs)
    seen = {pair: _seen(pair, paths) for pair, paths in pairs.items()}
    word = max((path.outcome for path in measured), key=SIZES.words.index)
    worst = [] if word == PASS else [path for path in measured if path.outcome == word]
    order = worst_first({path.pair for path in worst})
    rank = {pair: at for at, pair in enumerate(order)}
    worst.sort(key=lambda path: rank[path.pair])
    return SIZES.found(
        _sentence(word, worst, measured, sum(path.silent for path in found)),
        [seen[pair] for pair in dict.fromkeys([*order, *seen])],
        # A size that every path shares is how the network was set up; one that only some have is worth a look.
        severity=Severity.OK if word == SMALL and not _uneven(measured) else None,
        evidence=[*shortened(path.line() for path in worst), *unclear],
    )


def _seen(pair: Pair, every: Sequence[Path]) -> Seen:
    """The worst path of a pair, the smallest of equals."""
    known = [path for path in every if path.outcome != UNSEEN]
    if not known:
        return Seen(pair, UNSEEN)
    worst = max(known, key=lambda path: (SIZES.words.index(path.outcome), -path.measurement.mtu))
    m = worst.measurement
    return Seen(pair, worst.outcome, {"mtu": m.mtu, "limit": m.limit, "device": m.device})


def _uneven(measured: Sequence[Path]) -> bool:
    sizes = {(path.measurement.mtu, path.measurement.device, path.between_nodes) for path in measured}
    return len(sizes) > len({path.between_nodes for path in measured})


def _sentence(word: str, worst: Sequence[Path], measured: Sequence[Path], silent: int) -> Text:
    text = _passing(measured) if word == PASS else _failing(word, worst, measured)
    if not silent:
        return text
    return say_many(
        "{text} {count} path carries not even small packets, so its size is not known.",
        "{text} {count} paths carry not even small packets, so their size is not known.",
        silent,
        text=text,
    )


def _passing(measured: Sequence[Path]) -> Text:
    devices = sorted({path.measurement.device for path in measured})
    return say_many(
        "Packets as large as the interfaces allow ({sizes}) arrive on the one path that was measured.",
        "Packets as large as the interfaces allow ({sizes}) arrive on all {count} paths that were measured.",
        len(measured),
        sizes=listed(map(size, devices)),
    )


def _failing(word: str, worst: Sequence[Path], measured: Sequence[Path]) -> Text:
    largest = min(path.measurement.mtu or path.smallest - 1 for path in worst)
    values: dict[str, Value] = {"size": size(largest), "bad": len(worst), "total": len(measured)}
    if word == BLACK_HOLE:
        claim = say("Packets over {size} vanish, and nobody tells the sender, on {bad} of {total} paths", **values)
    else:
        claim = say(
            "Packets over {size} are too large although the interface takes them, but the sender is told, on {bad} of "
            "{total} paths",
            **values,
        )
    failed = {path.pair for path in worst}
    return located(claim, failed, {path.pair for path in measured} - failed)
