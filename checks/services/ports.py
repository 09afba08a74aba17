"""Whether somebody listens on the port that each Service leads to, and whether a Service selects strangers. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from checks.backing import behind as backing
from checks.cluster.snapshot import Endpoint, ServicePort
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.observation import Network
from checks.place import Service
from checks.probes.outcome import Result
from checks.services.behind import Behind, port_of
from checks.services.looked import NOT_USED, PASS, Asked, Looked
from checks.services.model import Kind
from checks.text import Text, listed, say, shortened

TARGET_PORT = Code(
    name="services.target-port",
    meaning="Somebody listens on the port that a Service leads to",
    place=Service,
    outcomes=(
        Outcome(PASS, Severity.OK, "the pods have the port, and those that were asked listen there"),
        NOT_USED,
        Outcome("partly", Severity.ADVICE, "of several ports one leads nowhere, which nothing in the cluster needs"),
        Outcome("some", Severity.DEGRADED, "some of its pods refuse on their own node, others of the same answer"),
        Outcome("undeclared", Severity.FAILED, "its targetPort is a name that no container gives to a port"),
        Outcome("refused", Severity.FAILED, "every pod that was asked on its own node refuses: nobody listens there"),
    ),
    leak=HARDLY_EVER,
)
SELECTOR = Code(
    name="services.selector",
    meaning="A Service selects the pods of one workload, or of several that serve alike",
    place=Service,
    outcomes=(
        Outcome(PASS, Severity.OK, "it does"),
        NOT_USED,
        Outcome("mixed", Severity.ADVICE, "it selects several workloads, of which one does not declare its port"),
        Outcome("strangers", Severity.DEGRADED, "it also selects pods that do not listen on its port"),
    ),
    leak=HARDLY_EVER,
)


def judge_target_port(looked: Looked) -> Finding:
    """Names from the snapshot, numbers by asking."""
    if nothing := looked.nothing(TARGET_PORT):
        return nothing
    served = [behind for behind in looked.services if behind.ready]
    if not served:
        return TARGET_PORT.found(say("No Service has a ready endpoint."), outcome=NOT_USED.word)
    outcomes = {behind.place: _outcome(behind, own_answers(looked, behind)) for behind in served}
    bad = [b for b in served if not TARGET_PORT.normal(outcomes[b.place])]
    important = any(behind.matters for behind in bad)
    evidence = [*(line for behind in bad for line in _lines(looked, behind)), *looked.gathered.unheard(Network.HOST)]
    finding = TARGET_PORT.found(
        _sentence(served, outcomes),
        [Seen(place, outcome) for place, outcome in outcomes.items()],
        severity=None if important or not bad else Severity.DEGRADED,
        evidence=shortened(evidence),
    )
    snapshot = looked.gathered.snapshot
    return msgspec.structs.replace(finding, backings=tuple(backing(snapshot, *b.name) for b in bad))


def own_answers(looked: Looked, behind: Behind) -> Mapping[str, Sequence[Asked]]:
    """What each port's endpoints said on their own nodes; without those that said nothing."""
    ports: dict[str, list[Asked]] = defaultdict(list)
    for asked in looked.asked.get((behind.name, Kind.OWN), ()):
        if asked.result in (Result.OK, Result.REFUSED):
            ports[asked.measurement.aim.name].append(asked)
    return ports


def _outcome(behind: Behind, answers: Mapping[str, Sequence[Asked]]) -> str:
    ports = behind.service.spec.ports
    refused = [p for p in ports if _refusals(answers, p) and len(_refusals(answers, p)) == len(answers[p.name])]
    absent = list(_undeclared(behind))
    if _counts(behind, refused):
        return "refused"
    if _counts(behind, absent):
        return "undeclared"
    if strangers(behind, answers):
        return PASS
    if any(_refusals(answers, port) for port in ports if port.port in behind.needed and port not in refused):
        return "some"
    return "partly" if absent or refused else PASS


def _counts(behind: Behind, ports: Sequence[ServicePort]) -> bool:
    """Whether ports that lead nowhere are a fault: one that somebody needs, or all that there are.

    Many Services have a port for figures that not every version of their pods serves.
    """
    needed = any(port.port in behind.needed for port in ports)
    return needed or (bool(ports) and len(ports) == len(behind.service.spec.ports))


def _refusals(answers: Mapping[str, Sequence[Asked]], port: ServicePort) -> list[Asked]:
    return [asked for asked in answers.get(port.name, ()) if asked.result is Result.REFUSED]


def _undeclared(behind: Behind) -> Iterator[ServicePort]:
    """The ports whose name no container of any ready endpoint gives to one of its ports."""
    if not behind.service.spec.selector:
        return
    for port in behind.service.spec.ports:
        if isinstance(port.target_port, str) and not any(port_of(s, port) for _, s in behind.ready):
            yield port


def _sentence(served: Sequence[Behind], outcomes: Mapping[Service, str]) -> Text:
    by_outcome: dict[str, list[Behind]] = defaultdict(list)
    for behind in served:
        by_outcome[outcomes[behind.place]].append(behind)
    worst = max(by_outcome, key=TARGET_PORT.words.index)
    places = listed([behind.place for behind in by_outcome[worst]])
    sentences = {
        "refused": say("Nobody listens on the port that {services} leads to: the pods refuse.", services=places),
        "undeclared": say("No container has a port of the name that {services} leads to.", services=places),
        "some": say("Some pods behind {services} do not listen on its port.", services=places),
        "partly": say("One of several ports leads nowhere: {services}.", services=places),
    }
    return sentences.get(worst, say("Every Service leads to a port that its pods have."))


def _lines(looked: Looked, behind: Behind) -> Iterator[Text]:
    for port in _undeclared(behind):
        yield say(
            "{service}: port {port} leads to {target}, which no container declares",
            service=behind.place,
            port=port.port,
            target=str(port.target_port),
        )
    yield from (asked.line() for asked in looked.asked.get((behind.name, Kind.OWN), ()) if asked.result != Result.OK)


def judge_selector(looked: Looked) -> Finding:
    """Strangers are pods of another workload that do not have the port, by its name or by their own refusal."""
    if nothing := looked.nothing(SELECTOR):
        return nothing
    selecting = [behind for behind in looked.services if behind.service.spec.selector]
    if not selecting:
        return SELECTOR.found(say("No Service selects pods."), outcome=NOT_USED.word)
    found = {behind.place: strangers(behind, own_answers(looked, behind)) for behind in selecting}
    seen = [Seen(b.place, "strangers" if found[b.place] else "mixed" if _is_mixed(b) else PASS) for b in selecting]
    evidence = [
        say("{service} also selects {pods}", service=place, pods=listed(sorted(pods)))
        for place, pods in found.items()
        if pods
    ]
    evidence += [_mixed_line(b) for b, s in zip(selecting, seen, strict=True) if s.outcome == "mixed"]
    return SELECTOR.found(_selects(seen), seen, evidence=shortened(evidence))


def strangers(behind: Behind, answers: Mapping[str, Sequence[Asked]]) -> set[str]:
    """The pods that do not have a port which those of another workload have: one that is needed, or else any."""
    ports = behind.service.spec.ports
    if behind.matters:
        return set().union(*(_without(behind, port, answers) for port in ports if port.port in behind.needed))
    found = [_without(behind, port, answers) for port in ports]
    return set.intersection(*found) if found else set()


def _without(behind: Behind, port: ServicePort, answers: Mapping[str, Sequence[Asked]]) -> set[str]:
    """The pods without a port that those of another workload have."""
    asked = answers.get(port.name, ())
    refused = {a.measurement.aim.address for a in asked if a.result is Result.REFUSED}
    answered = {a.measurement.aim.address for a in asked if a.result is Result.OK}
    without = [e for e, s in behind.ready if refused.intersection(e.addresses) or not port_of(s, port)]
    others = [e for e, s in behind.ready if port_of(s, port) and not refused.intersection(e.addresses)]
    # Where refusals tell, only an answer tells of the others.
    having = [e for e in others if not refused or answered.intersection(e.addresses)]
    owners = {behind.owner(e) for e in having}
    strange = bool(having and without) and owners.isdisjoint(map(behind.owner, without))
    return set(map(_pod, without)) if strange else set()


def _pod(endpoint: Endpoint) -> str:
    return endpoint.target_ref.name if endpoint.target_ref else endpoint.addresses[0]


def _is_mixed(behind: Behind) -> bool:
    """Whether of several workloads one declares the port of a Service, and another declares only other ones."""
    wanted = [workload for workload in behind.workloads if workload.is_wanted]
    declared = [{p.container_port for c in w.makes.spec.containers for p in c.ports} for w in wanted]
    targets = {p.target_port or p.port for p in behind.service.spec.ports if not isinstance(p.target_port, str)}
    return any(any(target in ports for ports in declared) for target in targets) and any(
        ports and not targets & ports for ports in declared
    )


def _selects(seen: Sequence[Seen]) -> Text:
    strange = [s.place for s in seen if s.outcome == "strangers"]
    if strange:
        return say("{services} also selects pods that do not listen on its port.", services=listed(strange))
    mixed = [s.place for s in seen if s.outcome == "mixed"]
    if mixed:
        return say("{services} also selects a workload that does not declare its port.", services=listed(mixed))
    return say("Every Service selects pods that serve alike.")


def _mixed_line(behind: Behind) -> Text:
    workloads = [f"{w.kind.lower()}/{w.metadata.name}" for w in behind.workloads if w.is_wanted]
    return say("{service} selects {workloads}", service=behind.place, workloads=listed(workloads))
