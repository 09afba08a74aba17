"""Runs and reports that tests show: judged by codes of their own (`links.*`) and by MetalLB's."""

import functools
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.messages.where import Where
from bot.runs.model import Progress, Run, RunRequest
from checks.code import Code, Outcome, Role
from checks.coverage.judge import AGENTS
from checks.diagnosis.model import Cause, Diagnosis, Link, Reference
from checks.finding import Finding, Seen, Severity, worst
from checks.metallb.installation import INSTALLED
from checks.place import Node, Pair, Place, Service
from checks.report import Report
from checks.text import Text, Unit, say, share

HOSTILE = "<!channel> <@U0ONCALL> &lt;!here&gt; ```end``` `tick` @everyone <https://evil.invalid|click> \u202e\u0007"
"""What a pod's name, an event or an error text may hold."""
PASS, FAIL = Outcome("pass", Severity.OK, "it gets through"), Outcome("fail", Severity.FAILED, "it does not")
TCP = Code(
    name="links.tcp",
    meaning="TCP between pods on different nodes",
    place=Pair,
    outcomes=(PASS, FAIL),
    measures={"loss": Unit.SHARE},
    probe="D",
    tries=say("TCP"),
)
PING = Code(
    name="links.ping",
    meaning="Ping between pods on different nodes",
    place=Pair,
    outcomes=(PASS, FAIL),
    probe="C",
    tries=say("ping"),
)
OFFLOAD = Code(
    name="links.offload",
    meaning="Whether the adapter offloads UDP tunnels",
    place=Node,
    outcomes=(Outcome("off", Severity.OK, "it does not"), Outcome("on", Severity.OK, "it does")),
    role=Role.CIRCUMSTANCE,
)
ERRORS = Code(
    name="links.errors",
    meaning="Errors that the adapter counts",
    place=Node,
    outcomes=(PASS, Outcome("rising", Severity.DEGRADED, "the counter rises")),
    role=Role.RISK,
)
SPREAD = Code(
    name="links.spread",
    meaning="Whether the replicas are on different nodes",
    place=Service,
    outcomes=(PASS, Outcome("together", Severity.ADVICE, "they are not")),
    role=Role.RISK,
)
BROKEN, SOUND = Pair("w1", "w2"), Pair("w2", "w3")

TCP_FAILS = TCP.found(
    say("TCP fails on {count} of {total} pairs.", count=1, total=2),
    [Seen(SOUND, "pass", {"loss": 0.0}), Seen(BROKEN, "fail", {"loss": 1.0})],
    evidence=[say("0 of 3 connections, {loss} lost", loss=share(1.0))],
)
TCP_PASSES = TCP.found(say("TCP works."), [Seen(SOUND, "pass"), Seen(BROKEN, "pass")])
PING_PASSES = PING.found(say("Ping works."), [Seen(BROKEN, "pass"), Seen(SOUND, "pass")])
OFFLOAD_ON = OFFLOAD.found(say("The tunnel offload is on."), [Seen(Node("w1"), "on"), Seen(Node("w2"), "off")])
ERRORS_RISE = ERRORS.found(say("Errors rise on {nodes}.", nodes=["w3"]), [Seen(Node("w3"), "rising")])
SPREAD_POORLY = SPREAD.found(say("All replicas are on one node."), [Seen(Service("kube-system", "dns"), "together")])
SILENT = AGENTS.unseen(say("No answer from {nodes}.", nodes=["w3"]), [say("w3 is silent")], [Node("w3")])
W3_SILENT = msgspec.structs.replace(SILENT, seen=(*SILENT.seen, Seen(Node("w1"), "pass")))
ABSENT = INSTALLED.found(say("MetalLB is not installed."), outcome="absent")
UNSEEN_TCP = TCP.unseen(say("TCP could not be tried."), [say("no agent on {node}", node="w3")], [Pair("w1", "w3")])


def cause(slug: str, title: Text, probability: float, *at: Place, **fields: Any) -> Cause:
    """A cause at its places."""
    return Cause(slug=slug, title=title, probability=probability, at=at, **fields)


VMXNET3 = cause(
    "vmxnet3-tunnel-offload",
    say("VMXNET3 tunnel offload breaks traffic"),
    0.94,
    Node("w1"),
    pro=(Reference("links.tcp", (BROKEN,)), Reference("links.offload", (Node("w1"),))),
    contra=(Reference("links.ping", (BROKEN, SOUND)),),
    missing=(Reference("coverage.agents", (Node("w3"),)), Reference("kernel.counters")),
    fix=say("On one pair first: `ethtool -K eth0 tx-udp_tnl-segmentation off`."),
    rollback=say("`ethtool -K eth0 tx-udp_tnl-segmentation on`."),
)
MTU = cause("mtu-mismatch", say("The MTU is too large"), 0.97, Node("w2"), fix=say("Set it to {mtu}.", mtu=1450))
FIREWALL = cause(
    "firewall-vxlan", say("A host firewall blocks VXLAN"), 0.04, contra=(Reference("links.ping", (BROKEN,)),)
)
CHAIN = (
    Link(claim=say("The adapter is VMXNET3"), answer="holds", measured=(Reference("links.offload", (Node("w1"),)),)),
    Link(claim=say("IPv6 comes up wrong"), answer="not measured", remark=say("The webhook does not use it.")),
)
FINDINGS = (TCP_FAILS, PING_PASSES, OFFLOAD_ON, ABSENT, W3_SILENT)
DIAGNOSIS = Diagnosis(
    verdict=VMXNET3.slug,
    summary=say("{title}.", title=VMXNET3.title),
    causes=(VMXNET3, FIREWALL),
    chain=CHAIN,
    decide=say("Switch both tunnel offloads off on one pair of nodes and probe that pair again."),
)


def report(*findings: Finding, **fields: Any) -> Report:
    """A report of these findings."""
    return Report(severity=worst(f.severity for f in findings), findings=findings, **fields)


def verdict(slug: str, summary: Text | None = None, **fields: Any) -> Diagnosis:
    """A diagnosis that names no cause unless `causes` has it."""
    return Diagnosis(verdict=slug, summary=summary or say("This is what was seen."), **fields)


REPORT = report(*FINDINGS, diagnosis=DIAGNOSIS, elapsed_s=6.24)


def run(**fields: Any) -> Run:
    """A run of `diagnose` in the cluster prod, asked for by a person in #incidents."""
    request = RunRequest(
        id="0123456789",
        cluster="prod",
        command="diagnose",
        checks=("paths", "dns"),
        requested_by=Requester("on-call", "U0ONCALL", "T0PLAYGROUND"),
        expires_at=120.0,
    )
    where = Where("C0INCIDENTS")
    shown = Run(request=request, state="running", progress=Progress("paths", 3, 12), where=where)
    return msgspec.structs.replace(shown, **fields)


def ended(of: Report = REPORT, nodes: tuple[str, ...] = (), **fields: Any) -> Run:
    """A run that ended with a report; about some nodes alone when any are named."""
    asked = msgspec.structs.replace(run().request, nodes=nodes)
    return run(**{"state": "done", "report": of, "request": asked} | fields)


@functools.cache
def hostile(count: int) -> Report:
    """A report of hostile text: `count` findings and causes, each of ten thousand characters and more."""
    words = HOSTILE * 120
    text = Text("{words} {words.__class__} {0} {words!r:>999999} {", {"words": words})
    places = tuple(Node(f"{words}{n}") for n in range(30))
    findings = tuple(
        Finding(
            code=f"links.{HOSTILE}{n}",
            severity=(Severity.FAILED, Severity.UNKNOWN, Severity.ADVICE, Severity.OK)[n % 4],
            text=text,
            seen=tuple(Seen(place, HOSTILE, bad=True) for place in places),
            evidence=(text,) * 30,
            probe=words,
        )
        for n in range(count)
    )
    references = tuple(Reference(finding.code, places) for finding in findings) + (Reference(words, places),) * 30
    wrong = Cause(
        slug=HOSTILE,
        title=text,
        probability=0.5,
        at=places,
        pro=references,
        contra=references,
        missing=references,
        fix=text,
        rollback=text,
    )
    diagnosis = Diagnosis(
        verdict=HOSTILE,
        summary=text,
        also=(HOSTILE,) * (count // 2),
        causes=(wrong,) * count,
        unexplained=references,
        chain=tuple(Link(claim=text, answer=words, measured=references) for _ in range(count)),
        decide=text,
    )
    return Report(severity=Severity.FAILED, findings=findings, diagnosis=diagnosis, awaited=(words,) * 30)


def replaced(value: Any, **fields: Any) -> Any:
    """A struct with other values."""
    return msgspec.structs.replace(value, **fields)
