"""The founding write-up's chain, answered link by link from what was seen.

It says: the VMXNET3 adapter disturbs IPv6, that upsets CoreDNS, so the API server cannot resolve the webhook's name. It
is one hypothesis, and the one that people arrive with; so every diagnosis answers it, whichever cause it names. A link
holds when what it says is stopped shows that it is: the mechanisms' own effects are asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from checks.diagnosis.declaration import Effect, Strength
from checks.diagnosis.evidence import Evidence, Fact
from checks.diagnosis.mechanisms import CLUSTER_DNS, IPV6, TUNNEL_TCP
from checks.diagnosis.model import Link, Reference
from checks.text import Text, say

HOLDS, FAILS, OPEN = "holds", "does not hold", "not measured"


@dataclass(frozen=True, slots=True)
class Question:
    """One link: what shows that it holds, and what it takes besides."""

    claim: Text
    bad: tuple[Effect, ...]
    """Any of them is enough."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Circumstances without which the link does not hold, whatever else is bad: somewhere in the cluster."""
    beside: tuple[str, ...] = ()
    """Codes that are shown with the answer."""
    remark: Text | None = None
    """What is true whatever was measured."""


QUESTIONS: tuple[Question, ...] = (
    Question(
        say("The nodes have VMXNET3 adapters, and traffic between pods of different nodes suffers."),
        tuple(effect for effect in TUNNEL_TCP.effects if effect.code == "paths.cross-tcp"),
        needs={"nic.adapter": "vmxnet3"},
        beside=("nic.tunnel-offload", "paths.host-tcp"),
    ),
    Question(
        say("IPv6 on the nodes misbehaves."),
        (
            *IPV6.effects,
            Effect("ipv6.dad", ("duplicate",), Strength.MAY),
            Effect("ipv6.default-route", ("missing",), Strength.MAY),
        ),
        beside=("ipv6.in-use",),
    ),
    Question(say("CoreDNS suffers."), (*CLUSTER_DNS.effects, Effect("dns.replica-loss", ("loses",), Strength.MAY))),
    Question(
        say("The API server cannot resolve the webhook's name."),
        (
            Effect("webhook.dry-run", ("lookup",), Strength.MAY),
            Effect("texts.webhook", ("lookup",), Strength.MAY),
        ),
        beside=("paths.webhook-endpoint", "paths.webhook-service"),
        remark=say("For a webhook behind a Service the API server dials an address and never asks CoreDNS."),
    ),
)


def answer(evidence: Evidence) -> tuple[Link, ...]:
    """The chain's links in order."""
    return tuple(_link(question, evidence) for question in QUESTIONS)


def _link(question: Question, evidence: Evidence) -> Link:
    codes = list(dict.fromkeys((*question.needs, *(effect.code for effect in question.bad))))
    found = [fact for effect in question.bad for fact in evidence.by_code.get(effect.code, ())]
    bad = [
        fact
        for effect in question.bad
        for fact in evidence.by_code.get(effect.code, ())
        if fact.outcome in effect.outcomes
    ]
    present = [c for c in (*codes, *question.beside) if c in evidence.by_code or c in evidence.circumstances]
    return Link(
        claim=question.claim,
        answer=_answer(question, evidence, found, bad),
        measured=tuple(Reference(code) for code in present),
        remark=question.remark,
    )


def _answer(question: Question, evidence: Evidence, found: Sequence[Fact], bad: Sequence[Fact]) -> str:
    for code, outcome in question.needs.items():
        seen = evidence.circumstances.get(code)
        if not seen:
            return OPEN  # one half of the claim was not looked at
        if outcome not in seen.values():
            return FAILS if found else OPEN
    if not found:
        return OPEN
    return HOLDS if bad else FAILS
