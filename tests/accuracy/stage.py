"""Stage a case in the lab, diagnose it as a person does, and put everything back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec

from tests.accuracy.catalogue import Case, Kind
from tests.lab.faults import switch

PATIENCE_S = 120.0
"""For one diagnosis, which ends by itself in a quarter of that."""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the product said about a case."""

    case: str
    kind: Kind
    expected: dict[str, list[str]]
    named: dict[str, list[str]]
    """The verdict and what holds besides, each with its places in words; empty for healthy and unknown."""
    verdict: str
    among: list[str] = []
    """The causes of those that are said to be at one or more of their places, and at which is open."""
    severities: dict[str, str] = {}
    """By finding code, of those that are not well, their outcomes."""
    candidates: dict[str, float] = {}
    elapsed_s: float = 0.0

    @property
    def right(self) -> bool:
        """Whether the verdict is what is there, at its place; of two that are there, either may come first."""
        if self.kind is Kind.HEALTHY:  # what could not be looked at is unknown, and no alarm
            return self.verdict == "healthy" or (
                self.verdict == "unknown" and {*self.severities.values()} == {"unknown"}
            )
        return self.verdict in self.expected and self._at(self.verdict)

    @property
    def both(self) -> bool:
        """Whether everything that is there is named, at its places, and nothing else."""
        return self.named.keys() == self.expected.keys() and all(map(self._at, self.expected))

    def _at(self, slug: str) -> bool:
        places = self.named.get(slug, [])
        if slug in self.among:
            return set(self.expected[slug]) <= set(places)
        return not self.expected[slug] or self.expected[slug] == places


def said(case: Case, environment: Mapping[str, str]) -> Said:
    """What comes of a case. The lab is healed before and after.

    Raises:
        LabError: the lab could not be brought there.
    """
    switch.heal()
    try:
        for name, *parameters in case.staged:
            switch.inject(name, parameters)
        began = time.monotonic()
        document = _diagnose(environment)
        elapsed_s = time.monotonic() - began
    finally:
        switch.heal()
    holding = [slug for slug in (document["verdict"], *document.get("also", [])) if slug not in ("healthy", "unknown")]
    causes = {cause["slug"]: cause for cause in document.get("causes", [])}
    return Said(
        case=case.name,
        kind=case.kind,
        expected={slug: sorted(places) for slug, places in case.expected.items()},
        named={slug: sorted(map(_word, causes[slug]["at"])) for slug in holding},
        verdict=document["verdict"],
        among=[slug for slug in holding if causes[slug]["among"]],
        severities={
            finding["code"]: ",".join(sorted({s["outcome"] for s in finding.get("seen", []) if s.get("bad")}))
            or finding["severity"]
            for finding in document["findings"]
            if finding["severity"] in ("degraded", "failed", "unknown")
        },
        candidates={slug: round(cause["probability"], 3) for slug, cause in causes.items()},
        elapsed_s=round(elapsed_s, 1),
    )


def _diagnose(environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bot", "diagnose", "--json"]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    document: dict[str, Any] = json.loads(done.stdout or "{}")
    if "verdict" not in document:  # it could not be looked at
        print(done.stderr.strip()[-500:], flush=True)
        return {"verdict": "unknown", "findings": []}
    return document


def _word(place: Mapping[str, Any]) -> str:
    """A place as the catalogue has it: a node by its name, a replica by its node, a pair by both ends."""
    match place:
        case {"kind": "node", "name": name}:
            return str(name)
        case {"kind": "replica", "node": node}:
            return str(node)
        case {"kind": "between", "one": one, "other": other}:
            return f"{one} ↔ {other}"
    return ""
