"""What the answers of all replicas to all askers mean together. Pure and total."""

from checks.dns.answers import ANSWERS, EXTERNAL, judge_answers, judge_external
from checks.dns.askings import askings
from checks.dns.loss import PATH, REPLICA, judge_loss
from checks.dns.model import Data, Parameters
from checks.dns.reach import LOCAL, REMOTE, TRANSPORT, judge_local, judge_remote, judge_transport
from checks.dns.service import CLUSTER_IP, judge_service
from checks.dns.spread import SPREAD, judge_spread
from checks.finding import Finding
from checks.gathered import Gathered

CODES = (LOCAL, REMOTE, REPLICA, PATH, CLUSTER_IP, TRANSPORT, ANSWERS, EXTERNAL, SPREAD)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each code of `CODES`, in that order."""
    asked, nodes = askings(gathered), len(gathered.snapshot.nodes)
    return [
        judge_local(asked),
        judge_remote(asked, nodes),
        *judge_loss(asked),
        judge_service(asked),
        judge_transport(asked),
        judge_answers(asked),
        judge_external(asked, gathered.parameters.external),
        judge_spread(asked, nodes),
    ]
