"""What in a Corefile answers for names of the cluster before the plugin `kubernetes` does. Pure.

CoreDNS asks its plugins in the order of its own `plugin.cfg`, whatever their order in the Corefile: `rewrite`,
`template` and `hosts` come before `kubernetes`. Each is judged by one name that every cluster has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checks.cluster.corefile import Block, Directive, kubernetes_zones, zones_of

_PORT = re.compile(r":(\d+)$")
_USUAL_PORT = "53"
_HOW = ("exact", "prefix", "suffix", "substring", "regex")
"""How plugin/rewrite compares a name; `exact` where nothing is said."""
NXDOMAIN = "NXDOMAIN"


@dataclass(frozen=True, slots=True)
class Caught:
    """One thing that answers in the place of `kubernetes`."""

    plugin: str
    """`template`, `hosts`, `rewrite`, or `server block` where a closer zone has one without `kubernetes`."""
    words: str
    """As it stands in the Corefile."""
    aaaa_alone: bool = False
    """Whether it says of names that they do not exist to whoever asks for IPv6 alone (RFC 8020: of the whole name)."""


def caught(blocks: Sequence[Block], zone: str) -> list[Caught]:
    """What answers for `kubernetes.default.svc` of a zone before `kubernetes` does.

    Args:
        blocks: The server blocks of a Corefile.
        zone: The cluster's, without the dot at its end.
    """
    name = f"kubernetes.default.svc.{zone}."
    block = _serving(blocks, name)
    if block is None:
        return []
    if not any(_covers((f"{served}.",), name) for served in kubernetes_zones((block,))):
        return [Caught("server block", " ".join(block.keys))]
    return [found for directive in block.directives for found in _catching(directive, block, name)]


def _serving(blocks: Sequence[Block], name: str) -> Block | None:
    """The block that a name is asked of: that of the longest zone, on the port on which the cluster's DNS listens."""
    ports = {port for block in blocks if kubernetes_zones((block,)) for port in map(_port, block.keys)}
    near = [
        (len(zone), block)
        for block in blocks
        for key in block.keys
        for zone in zones_of(key)
        if _port(key) in ports and _covers((zone,), name)
    ]
    return max(near, key=lambda pair: pair[0])[1] if near else None


def _port(key: str) -> str:
    match = _PORT.search(key)
    return match[1] if match else _USUAL_PORT


def _covers(zones: Sequence[str], name: str) -> bool:
    return any(zone == "." or f".{name}".endswith(f".{zone.lower()}") for zone in zones)


def _catching(directive: Directive, block: Block, name: str) -> Iterator[Caught]:
    words = " ".join((directive.name, *directive.arguments))
    if directive.name == "template" and _template(directive, block, name):
        kind = directive.arguments[1].upper()
        if kind in ("A", "ANY"):
            yield Caught("template", words)
        elif kind == "AAAA" and _option(directive, "rcode") == (NXDOMAIN,):
            yield Caught("template", words, aaaa_alone=True)
    elif directive.name == "hosts":
        zones = _zones(directive.arguments[1:], block)
        through = next((o for o in directive.options if o[0] == "fallthrough"), None)
        if _covers(zones, name) and (through is None or not _covers(_zones(through[1:], block), name)):
            yield Caught("hosts", words)
    elif directive.name == "rewrite" and _rewritten(directive.arguments, name):
        yield Caught("rewrite", words)


def _template(directive: Directive, block: Block, name: str) -> bool:
    """Whether it answers for the name: plugin/template goes by class, type, zone and any of its expressions."""
    if len(directive.arguments) < 2 or directive.arguments[0].upper() not in ("IN", "ANY"):  # noqa: PLR2004 - class and type
        return False
    expressions = [word for option in directive.options if option[0] == "match" for word in option[1:]]
    return _covers(_zones(directive.arguments[2:], block), name) and (
        not expressions or any(_matches(expression, name) for expression in expressions)
    )


def _zones(words: Sequence[str], block: Block) -> tuple[str, ...]:
    """The zones of a plugin: those that it names, or those of its block."""
    return tuple(zone for word in words for zone in zones_of(word)) if words else block.zones


def _option(directive: Directive, name: str) -> tuple[str, ...]:
    return next((tuple(word.upper() for word in o[1:]) for o in directive.options if o[0] == name), ())


def _matches(expression: str, name: str) -> bool:
    """Whether a Go expression matches; one that Python does not read is taken for one that does not."""
    try:
        return re.search(expression, name) is not None
    except re.error:
        return False


def _rewritten(arguments: Sequence[str], name: str) -> bool:
    """Whether plugin/rewrite asks for another name in place of this one."""
    rest = list(arguments[arguments[:1] in (("continue",), ("stop",)) :])
    if len(rest) < 3 or rest[0] != "name":  # noqa: PLR2004 - the field, what is replaced, by what
        return False
    how, former = rest[1:3] if rest[1] in _HOW and len(rest) > 3 else ("exact", rest[1])  # noqa: PLR2004 - and how
    dotted = f"{former.lower().rstrip('.')}."
    return {
        "exact": name == dotted,
        "prefix": name.startswith(former.lower()),
        "suffix": name.endswith(dotted),
        "substring": former.lower() in name,
        "regex": _matches(former, name),
    }[how]
