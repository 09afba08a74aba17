"""Whether the nodes' clocks agree. Pure."""

from statistics import median_low

from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import Finding, Severity
from checks.node.looks import Look, Observed, Words, of_agents
from checks.node.model import Data
from checks.place import Node
from checks.text import Unit, say, seconds

CLOCK = Code(
    name="node.clock",
    meaning="The nodes' clocks agree",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "they do, within what a run can tell"),
        Outcome("astray", Severity.DEGRADED, "more than a minute from most others'"),
    ),
    measures={"offset": Unit.SECONDS},
)
CODES = (CLOCK,)

LEEWAY_S = 60.0
"""The API server takes tokens of ServiceAccounts that are at most so much from its own time (go-jose, `DefaultLeeway`
of `jwt/validation.go`). Certificates bear five minutes (`pkg/controller/certificates/signer` backdates them so); etcd
warns from one second on."""
LATE_S = 20.0
"""How much later than others a node may look at its clock within one run: reading a large cluster, then a job's
deadline."""

_WORDS = Words(
    well=say("The nodes' clocks agree, within what a run can tell."),
    unread=say("No node told its time."),
    bad={"astray": say("The clock of {nodes} is wrong: certificates and tokens look expired, or not yet valid.")},
)


def judge_clock(gathered: Observed) -> list[Finding]:
    """Each node against most others and the worker, of which each looked at its clock within one run."""
    asked = gathered.snapshot.taken_at
    offsets = {heard.node: heard.data.clock_s - asked for heard in gathered.heard}
    usual = median_low([*offsets.values(), 0.0])

    def look(node: str, _data: Data) -> Look:
        offset = offsets[node] - usual
        line = say("{node}: {offset} from most others", node=node, offset=seconds(round(offset, 1)))
        astray = abs(offset) > LEEWAY_S + LATE_S
        return Look("astray" if astray else "pass", [line] if astray else [], {"offset": offset})

    return [of_agents(CLOCK, _WORDS, gathered, look)]
