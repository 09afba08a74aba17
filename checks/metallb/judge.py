"""Whether MetalLB is there and ready, takes its configuration, gives addresses and announces them."""

from checks.cluster.metallb import find_metallb
from checks.finding import Finding
from checks.gathered import Gathered
from checks.metallb import addresses, announced, installation, links, overlaps, speakers, validation
from checks.metallb.allocation import Allocator
from checks.metallb.configuration import Configuration
from checks.metallb.model import Data, Parameters

CODES = (
    *installation.CODES,
    *speakers.CODES,
    *validation.CODES,
    *overlaps.CODES,
    *announced.CODES,
    *addresses.CODES,
    *links.CODES,
)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding a code."""
    snapshot, heard, namespace = gathered.snapshot, gathered.heard, gathered.parameters.namespace
    interfaces = {each.node: frozenset(each.data.interfaces) for each in heard if each.data.interfaces is not None}
    configuration = Configuration(snapshot, find_metallb(snapshot, namespace), interfaces)
    there = installation.installed(snapshot, configuration.found, namespace)
    if there.outcome != "pass":
        return [there, *(installation.instead(code, there) for code in CODES[1:])]
    full = {pool for each in heard if each.data.controller for pool in each.data.controller.full}
    allocator = Allocator(configuration, frozenset(full))
    return [
        there,
        installation.controller(snapshot, configuration.found),
        installation.speaker(snapshot, configuration.found),
        installation.objects(snapshot, configuration.found.namespace),
        *speakers.judge(configuration, gathered),
        *validation.judge(configuration, heard),
        *overlaps.judge(configuration),
        *announced.judge(configuration, allocator, heard),
        *addresses.judge(configuration, allocator),
        *links.judge(configuration, gathered.parameters.service, announced.who_announces(configuration, heard)),
    ]
