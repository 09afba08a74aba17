"""Whether endpoints and addresses of Services answer whoever asks them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.crossing import PASS, REFUSED, TIMEOUT, connecting
from checks.judging.places import service_path
from checks.place import ServicePath
from checks.services.behind import Behind
from checks.services.looked import Asked, Looked
from checks.services.model import Kind
from checks.text import Text, listed, say, shortened

NOT_ASKED = "not-asked"
OUTCOMES = (
    Outcome(PASS, Severity.OK, "it takes a connection"),
    Outcome(NOT_ASKED, Severity.OK, "nobody had to ask"),
    Outcome(REFUSED, Severity.FAILED, "something refused at once: nobody listens, or it may not pass"),
    Outcome(TIMEOUT, Severity.FAILED, "nothing came back"),
)
ENDPOINT = Code(
    name="services.endpoint",
    meaning="The endpoints of the Service that was asked for take connections from other nodes",
    place=ServicePath,
    outcomes=OUTCOMES,
)
ADDRESS = Code(
    name="services.address",
    meaning="The addresses of the Services of other API servers, and of the one that was asked for, take connections",
    place=ServicePath,
    outcomes=OUTCOMES,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One sort of connections."""

    code: Code
    kind: Kind
    what: Text


ROWS = (
    Row(ENDPOINT, Kind.ENDPOINT, say("Endpoints")),
    Row(ADDRESS, Kind.ADDRESS, say("Service addresses")),
)


def judge_reach(looked: Looked, row: Row) -> Finding:
    """The worst of the connections over each way."""
    if nothing := looked.nothing(row.code):
        return nothing
    every = [(b, asked) for b in looked.services for asked in looked.asked.get((b.name, row.kind), ())]
    if not every:
        if looked.gathered.silent:
            return row.code.unseen(say("{what}: nobody could ask.", what=row.what), looked.gathered.unheard())
        return row.code.found(say("{what}: nobody had to be asked.", what=row.what), outcome=NOT_ASKED)
    ways: dict[ServicePath, list[Asked]] = {}
    for behind, asked in every:
        ways.setdefault(_way(behind, asked), []).append(asked)
    seen = [Seen(way, max(map(_outcome, asked), key=_rank)) for way, asked in ways.items()]
    bad = [asked.line() for _, asked in every if _outcome(asked) not in (PASS, UNSEEN)]
    if all(each.outcome == UNSEEN for each in seen):
        return row.code.unseen(say("{what}: nobody could ask.", what=row.what), [], ways)
    return row.code.found(_sentence(row, seen), seen, evidence=shortened([*bad, *looked.gathered.unheard()]))


def _way(behind: Behind, asked: Asked) -> ServicePath:
    aim = asked.measurement.aim
    ends = [e for e, _ in behind.ready if aim.kind is Kind.ADDRESS or aim.address in e.addresses]
    return service_path(asked.node, *behind.name, ends)


def _outcome(asked: Asked) -> str:
    return connecting(asked.result, asked.measurement.rtt_s)


def _rank(outcome: str) -> int:
    return -1 if outcome == UNSEEN else ADDRESS.words.index(outcome)


def _sentence(row: Row, seen: Sequence[Seen]) -> Text:
    failed = [s for s in seen if s.outcome in (REFUSED, TIMEOUT)]
    if not failed:
        return say("{what}: all that were asked take connections.", what=row.what)
    places = listed([s.place for s in failed])
    if any(s.outcome == TIMEOUT for s in failed):
        return say("{what}: no answer on the way {ways}.", what=row.what, ways=places)
    return say("{what}: refused on the way {ways}.", what=row.what, ways=places)
