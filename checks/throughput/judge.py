"""How much a way carried, and what a gigabyte cost."""

import statistics

from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered, Heard
from checks.place import Pair
from checks.text import Text, Unit, rate, say, say_many, seconds, share
from checks.throughput.model import Data, Parameters, Try

RATE = Code(
    name="throughput.rate",
    meaning="A stream of TCP gets from one node to another",
    place=Pair,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "it did in every try"),
        Outcome("stalled", Severity.DEGRADED, "in one try or more it did not"),
    ),
    measures={"rate": Unit.RATE, "softirq": Unit.SECONDS, "idle": Unit.SHARE},
)
CODES = (RATE,)
_GIGABYTE = 1e9
_BITS = 8


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding, about the one way that was tried."""
    if not gathered.heard:
        text = say("No way was tried: it takes two nodes whose agents answer.")
        return [RATE.unseen(text, gathered.unheard())]
    return [_judged(gathered.heard[0])]


def _judged(heard: Heard[Data]) -> Finding:
    place, tries = Pair(heard.node, heard.data.target), heard.data.tries
    good = [each for each in tries if not each.error and each.elapsed_s > 0]
    errors = [say("{words}", words=each.error) for each in tries if each.error]
    if not good:
        text = say("Nothing gets from {source} to {target}.", source=heard.node, target=heard.data.target)
        return RATE.found(text, [Seen(place, "stalled")], evidence=errors)
    median = statistics.median(_rate(each) for each in good)
    measures = {
        "rate": median,
        "softirq": statistics.median(each.softirq_s / max(each.received, 1) * _GIGABYTE for each in good),
        "idle": statistics.median(each.idle for each in good),
    }
    text = say("{rate} from {source} to {target}.", rate=rate(median), source=heard.node, target=heard.data.target)
    seen = Seen(place, "stalled" if errors else "pass", measures)
    return RATE.found(text, [seen], evidence=[_evidence(good, measures), *errors])


def _evidence(good: list[Try], measures: dict[str, float]) -> Text:
    rates = [_rate(each) for each in good]
    spread = say_many(
        "{count} try, {least} to {most}",
        "{count} tries, {least} to {most}",
        len(good),
        least=rate(min(rates)),
        most=rate(max(rates)),
    )
    return say(
        "{spread}; {softirq} of soft interrupts a gigabyte on the sender, whose processors were idle for {idle}",
        spread=spread,
        softirq=seconds(measures["softirq"]),
        idle=share(measures["idle"]),
    )


def _rate(each: Try) -> float:
    """Bits a second."""
    return each.received * _BITS / each.elapsed_s
