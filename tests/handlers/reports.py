"""Runs and reports that the tests of this folder show."""

from typing import Any

import msgspec
from bot.runs.model import Progress, Run, RunRequest
from checks.diagnosis.model import Cause, Diagnosis, Link
from checks.finding import Finding, Severity
from checks.report import Report

from bot.access.requester import Requester
from bot.messages.where import Where

HOSTILE = "<!channel> <@U0ONCALL> &lt;!here&gt; ```end``` `tick` @everyone <https://evil.invalid|click> \u202e\u0007"
"""What a pod's name, an event or an error text may hold."""


def finding(code: str = "paths.cross-tcp", severity: Severity = Severity.FAILED, **fields: Any) -> Finding:
    """One finding."""
    summary = fields.pop("summary", "TCP between pods on different nodes fails on 4 of 6 pairs.")
    return Finding(code=code, severity=severity, summary=summary, **fields)


OFFLOAD = Cause(
    slug="vmxnet3-tunnel-offload",
    title="VMXNET3 tunnel offload breaks traffic between nodes",
    probability=0.94,
    where=("w1", "w2"),
    pro=("D: TCP between pods on different nodes fails on 4 of 6 pairs.", "The tunnel offload is on: w1, w2."),
    contra=("C: ping between pods on different nodes works on 6 of 6 pairs.",),
    missing=("The kernel's counters could not be read.",),
    fix="On one pair first: `ethtool -K eth0 tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off`.",
    rollback="`ethtool -K eth0 tx-udp_tnl-segmentation on tx-udp_tnl-csum-segmentation on`.",
)
FIREWALL = Cause(slug="firewall-vxlan", title="A host firewall blocks VXLAN between nodes", probability=0.04)
REPORT = Report(
    severity=Severity.FAILED,
    findings=(
        finding(probe="D", where=("w1->w2",), evidence=("0 of 3 connections in 2 s",)),
        finding("paths.cross-ping", Severity.OK, probe="C", summary="Ping works on 6 of 6 pairs."),
        finding("dns.service", Severity.OK, summary="kube-dns answers."),
        finding("coverage.agents", Severity.UNKNOWN, summary="No answer from w3."),
    ),
    diagnosis=Diagnosis(
        verdict="vmxnet3-tunnel-offload",
        summary="VMXNET3 tunnel offload breaks traffic between nodes.",
        causes=(OFFLOAD, FIREWALL),
        chain=(
            Link(claim="The adapter is VMXNET3 with its tunnel offload on", answer="holds", measured=("w1: vmxnet3",)),
            Link(claim="IPv6 comes up wrong", answer="not measured"),
        ),
        decide="Switch both tunnel offloads off on one pair of nodes and probe that pair again.",
    ),
    elapsed_s=6.24,
)


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


def ended(report: Report = REPORT, **fields: Any) -> Run:
    """A run that ended with a report."""
    return run(state="done", report=report, **fields)


def hostile(count: int) -> Report:
    """A report of hostile text: `count` findings and causes, each of ten thousand characters and more."""
    text = HOSTILE * 120
    findings = tuple(
        finding(f"paths.{HOSTILE}{n}", summary=text, where=(text,) * 30, evidence=(text,) * 30, probe=text)
        for n in range(count)
    )
    cause = Cause(
        slug=HOSTILE,
        title=text,
        probability=0.5,
        where=(text,) * 30,
        pro=(text,) * 30,
        contra=(text,) * 30,
        missing=(text,) * 30,
        fix=text,
        rollback=text,
    )
    diagnosis = Diagnosis(
        verdict=HOSTILE,
        summary=text,
        also=(HOSTILE,),
        causes=(cause,) * count,
        chain=tuple(Link(claim=text, answer=text, measured=(text,) * 30) for _ in range(count)),
        decide=text,
    )
    return Report(severity=Severity.FAILED, findings=findings, diagnosis=diagnosis)


def replaced(value: Any, **fields: Any) -> Any:
    """A struct with other values."""
    return msgspec.structs.replace(value, **fields)
