"""The founding write-up's chain, answered link by link with what was measured.

It says: the VMXNET3 adapter disturbs IPv6, that upsets CoreDNS, so the API server cannot resolve the webhook's name. It
is one hypothesis, and the one that people arrive with; so every diagnosis answers it, whichever cause it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.diagnosis.model import Link
from checks.diagnosis.weighing import Sign

HOLDS, FAILS, OPEN = "holds", "does not hold", "not measured"


@dataclass(frozen=True, slots=True)
class Question:
    """One link: the findings that answer it, and when it holds."""

    claim: str
    codes: tuple[str, ...]
    bad: Mapping[str, tuple[str, ...]]
    """Per code the outcomes that make the link hold; any of them is enough."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Per code the outcome without which the link does not hold, whatever else is bad."""
    remark: str = ""
    """What is true whatever was measured."""


QUESTIONS: tuple[Question, ...] = (
    Question(
        "The nodes have VMXNET3 adapters, and traffic between pods of different nodes suffers.",
        ("nic.adapter", "nic.tunnel-offload", "paths.host-tcp", "paths.cross-tcp"),
        {"paths.cross-tcp": ("fail",)},
        needs={"nic.adapter": "vmxnet3"},
    ),
    Question(
        "IPv6 on the nodes misbehaves.",
        ("ipv6.in-use", "ipv6.dad", "ipv6.default-route", "ipv6.reach"),
        {"ipv6.dad": ("fail",), "ipv6.reach": ("fail",), "ipv6.default-route": ("fail",)},
    ),
    Question(
        "CoreDNS suffers.",
        ("dns.replica-local", "dns.replica-remote", "dns.replica-loss", "dns.service", "dns.transport"),
        {
            "dns.replica-local": ("fail",),
            "dns.replica-remote": ("fail",),
            "dns.replica-loss": ("one-replica", "all-replicas", "by-path", "both"),
            "dns.service": ("fail",),
            "dns.transport": ("udp-only", "tcp-only", "fail"),
        },
    ),
    Question(
        "The API server cannot resolve the webhook's name.",
        ("webhook.dry-run", "webhook.error-text", "paths.webhook-endpoint", "paths.webhook-service"),
        {"webhook.dry-run": ("lookup",), "webhook.error-text": ("lookup",)},
        remark="For a webhook behind a Service the API server dials an address and never asks CoreDNS.",
    ),
)


def answer(seen: Mapping[str, Sign]) -> tuple[Link, ...]:
    """The chain's links in order."""
    return tuple(_link(question, seen) for question in QUESTIONS)


def _link(question: Question, seen: Mapping[str, Sign]) -> Link:
    present = [seen[code] for code in question.codes if code in seen]
    deciding = [seen[code] for code in question.bad if code in seen]
    holds = any(sign.outcome in question.bad[sign.finding.code] for sign in deciding)
    for code, outcome in question.needs.items():
        if code not in seen:
            deciding = []  # one half of the claim was not looked at
        elif seen[code].outcome != outcome:
            holds = False
    measured = tuple(dict.fromkeys(sign.finding.summary for sign in present))
    return Link(
        claim=question.claim,
        answer=(HOLDS if holds else FAILS) if deciding else OPEN,
        measured=(*measured, question.remark) if question.remark else measured,
    )
