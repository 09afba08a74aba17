"""What a fault is, and how its parameters are read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.lab.layout import LabError, Node, node, nodes

Values = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a fault."""

    usual: str | Node
    """What it is where nothing is said; a node that a small lab has not is its last one."""
    parse: Callable[[str], Any]
    meaning: str

    @property
    def default(self) -> str:
        """In the words of whoever sets it."""
        if isinstance(self.usual, str):
            return self.usual
        every = nodes()
        return every[min(self.usual.index, len(every) - 1)].name


@dataclass(frozen=True)
class Fault:
    """One way to break the cluster."""

    name: str
    summary: str
    inject: Callable[[Values], None]
    undo: Callable[[Values], None]
    """Put everything back; it has to work after an `inject` that was cut short, and twice."""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    dual_stack: bool = False
    """Whether there is such a fault only where there is IPv6."""
    remember: Callable[[], Values] = dict
    """Read what `undo` needs from the healthy cluster; it is handed to `inject` and `undo` with the parameters."""
    check: Callable[[Values], None] = lambda _: None
    """Raise LabError when there can be no such fault; nothing has been changed then."""
    follow_power: Callable[[Values, Node], None] = lambda _, __: None
    """Bring the fault to what is true now that a node was switched off or on."""
    in_cluster: bool = False
    """Whether undoing it takes the API server."""


def parse(fault: Fault, words: list[str]) -> Values:
    """Return the value of every parameter, from `key=value` words and the defaults.

    Raises:
        LabError: a parameter is unknown or its value wrong.
    """
    given = {}
    for word in words:
        key, separator, text = word.partition("=")
        if not separator or key not in fault.parameters:
            known = ", ".join(f"{each}= ({fault.parameters[each].meaning})" for each in fault.parameters)
            raise LabError(f"{fault.name} has no parameter {word!r}; it has {known or 'none'}")
        given[key] = text
    values = {}
    for key, parameter in fault.parameters.items():
        text = given.get(key, parameter.default)
        try:
            values[key] = parameter.parse(text)
        except ValueError:
            raise LabError(f"{fault.name}: {key}={text} is wrong; it is {parameter.meaning}") from None
    return values


def parse_nodes(text: str) -> list[Node]:
    """Return the nodes in a list with commas, or all of them for `all`."""
    return nodes() if text == "all" else [node(name) for name in text.split(",")]


def within(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for a whole number from `low` to `high`."""

    def number(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return number


def one_of(*words: str) -> Callable[[str], str]:
    """Return a parser for one of some words."""

    def word(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return word


def node_parameter(usual: Node) -> Parameter:
    """Return the parameter that says which nodes are concerned."""
    return Parameter(usual, parse_nodes, "a node, several with commas, or `all`")


VERDICTS = {
    "drop": "counter drop",
    "reject": "counter reject with icmp type host-prohibited",
    "reset": "counter reject with tcp reset",
}
"""What a packet filter does with what it does not let pass, in nftables' words: firewalls do each of them."""


def filter_verdict(*words: str) -> Parameter:
    """Return the parameter that says what a packet filter does, the first of some words where nothing is said."""
    some = words or ("drop", "reject")
    return Parameter(some[0], one_of(*some), " or ".join(some))


def network_ways(usual: Node) -> dict[str, Parameter]:
    """Return the parameters that say which ways of the network below are concerned."""
    return {
        "node": node_parameter(usual),
        "peer": Parameter("", lambda text: parse_nodes(text) if text else [], "the other end, a node; empty for all"),
        "direction": Parameter("both", one_of("to", "from", "both"), "to or from the node, or both"),
    }


def delete_table(name: str) -> str:
    """Return nftables commands that delete a table whether or not it is there."""
    return f"table {name}\ndelete table {name}\n"
