"""What was observed, by node, as all of the check's judgements want it. Pure."""

from collections.abc import Sequence

from checks.code import Code
from checks.finding import UNSEEN, Finding, Seen
from checks.gathered import Gathered
from checks.nic.model import Data, Interface, Parameters, Role
from checks.place import Node
from checks.text import Text, shortened

Observed = Gathered[Parameters, Data]


def adapters(data: Data) -> list[Interface]:
    """The interfaces that carry the traffic between nodes: the lowest ones, where the address is on a bond or VLAN."""
    lower = [i for i in data.interfaces if i.role is Role.LOWER]
    return lower or [i for i in data.interfaces if i.role is Role.NODE]


def silent(gathered: Observed) -> list[Seen]:
    """The nodes that did not tell."""
    return [Seen(Node(o.node), UNSEEN) for o in gathered.silent if o.node]


def unless_seen(
    code: Code, text: Text, gathered: Observed, seen: Sequence[Seen], lines: Sequence[Text] = ()
) -> Finding | None:
    """The finding where nothing was seen at any node, or None when something was."""
    if any(s.outcome != UNSEEN for s in seen):
        return None
    return code.unseen(text, evidence(gathered, lines), [s.place for s in (*seen, *silent(gathered))])


def evidence(gathered: Observed, lines: Sequence[Text]) -> list[Text]:
    """The lines, and who was silent."""
    return [*shortened(lines), *gathered.unheard()]
