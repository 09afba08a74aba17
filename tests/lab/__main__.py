"""The lab's command line: `python -m tests.lab COMMAND`."""

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

from tests.lab import addons, cluster, hardware, power, prerequisites, process, product, vcenter
from tests.lab.faults import switch
from tests.lab.layout import LabError, node


def main() -> int:
    """Run one command; return 0, or 1 with the reason on standard error."""
    arguments = _parser().parse_args()
    try:
        arguments.command(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start the cluster and the product in it")
    up.add_argument("--dual-stack", action="store_true", help="IPv4 and IPv6")
    up.add_argument("--bare", action="store_true", help="without the product")
    up.set_defaults(command=lambda given: cluster.up(dual_stack=given.dual_stack, bare=given.bare))

    down = commands.add_parser("down", help="stop everything and remove it")
    down.set_defaults(command=lambda _: cluster.down())

    status = commands.add_parser("status", help="what is running")
    status.set_defaults(command=lambda _: print(json.dumps(cluster.status(), indent=1)))

    deploy = commands.add_parser("deploy", help="roll out the product as the code is now")
    deploy.set_defaults(command=lambda _: cluster.deploy())

    environment = commands.add_parser("env", help="print the exports for a shell")
    environment.set_defaults(command=lambda _: _environment())

    build_ = commands.add_parser("build", help="only build the programs and images")
    build_.set_defaults(command=lambda _: cluster.build_all())

    needed = commands.add_parser("prerequisites", help="print the Debian packages that are needed")
    needed.set_defaults(command=lambda _: print(" ".join(sorted(prerequisites.PACKAGES.values()))))

    fault = commands.add_parser("fault", help="switch a fault on")
    fault.add_argument("name")
    fault.add_argument("parameters", nargs="*", metavar="key=value")
    fault.set_defaults(command=lambda given: _fault(given.name, given.parameters))

    heal = commands.add_parser("heal", help="undo every fault")
    heal.set_defaults(command=lambda _: _heal())

    listing = commands.add_parser("faults", help="list the faults")
    listing.set_defaults(command=lambda _: print(switch.listing()))

    execute = commands.add_parser("exec", help="run a command on a node")
    execute.add_argument("node")
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- CMD")
    execute.set_defaults(command=lambda given: _execute(given.node, given.words))

    power_ = commands.add_parser("power", help="switch a node off as if its plug was pulled, or on")
    power_.add_argument("state", choices=["off", "on"])
    power_.add_argument("node")
    power_.set_defaults(command=lambda given: _power(given.state, given.node))

    adapter = commands.add_parser("adapter", help="change the network adapter of a node that is off")
    adapter.add_argument("node")
    adapter.add_argument("kind", choices=sorted(hardware.ADAPTERS))
    adapter.set_defaults(command=lambda given: _adapter(given.node, given.kind))

    vcenter_ = commands.add_parser("vcenter", help="start the vCenter simulator anew, and the link to its machines")
    vcenter_.add_argument("--control", default=vcenter.CONTROL, metavar="URL", help="another simulator's")
    vcenter_.set_defaults(command=lambda given: _vcenter(given.control))

    place = commands.add_parser("place", help="move a component to a node")
    place.add_argument("component", choices=["metallb-controller"])
    place.add_argument("node")
    place.set_defaults(command=lambda given: _place(given.node))
    return parser


def _environment() -> None:
    cluster.require_up()
    for name, value in product.environment().items():
        print(f"export {name}={shlex.quote(value)}")


def _fault(name: str, parameters: list[str]) -> None:
    cluster.require_up()
    with cluster.locked():
        switch.inject(name, parameters)


def _heal() -> None:
    cluster.require_up()
    with cluster.locked():
        print("healed:", ", ".join(switch.heal()) or "nothing was broken")


def _execute(name: str, words: list[str]) -> None:
    target = node(name)
    cluster.require_up()
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise LabError(f"what should run on {name}? `exec {name} -- CMD`")
    sys.stdout.flush()
    inside = process.inside(target, "env", f"--chdir={Path.cwd()}", *command)
    os.execvp(inside[0], inside)


def _place(name: str) -> None:
    target = node(name)
    cluster.require_up()
    with cluster.locked():
        addons.place_metallb_controller(target)


def _power(state: str, name: str) -> None:
    target = node(name)
    cluster.require_up()
    with cluster.locked():
        power.power_on(target) if state == "on" else power.power_off(target)


def _adapter(name: str, kind: str) -> None:
    target = node(name)
    cluster.require_up()
    with cluster.locked():
        power.set_adapter(target, kind)


def _vcenter(control: str) -> None:
    cluster.require_up()
    with cluster.locked():
        vcenter.start(control)


if __name__ == "__main__":
    sys.exit(main())
