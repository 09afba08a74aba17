"""The lab's command line: `python -m tests.lab COMMAND`."""

import argparse
import json
import os
import shlex
import sys
from pathlib import Path

from tests.lab import addons, cluster, hardware, power, prerequisites, process, product, vcenter
from tests.lab.faults import switch
from tests.lab.layout import BACKENDS, LabError, Shape, node


def main() -> int:
    """Run one command; return 0, or 1 with the reason on standard error."""
    arguments = parser().parse_args()
    try:
        arguments.command(arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    made = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    _add_up(commands)

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
    return made


def _add_up(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    up = commands.add_parser("up", help="start the cluster and the product in it")
    named = up.add_mutually_exclusive_group()
    named.add_argument("--nodes", type=int, default=3, metavar="N", help="how many: cp, w1, w2 and so on")
    named.add_argument("--names", metavar="NAME,…", help="what the nodes are called, the control plane's first")
    up.add_argument("--dual-stack", action="store_true", help="IPv4 and IPv6")
    up.add_argument("--metallb", default=Shape().metallb, metavar="NAMESPACE", help="where MetalLB is")
    up.add_argument("--flanneld", default="", choices=BACKENDS, help="flannel's own daemon, with this backend")
    up.add_argument("--vxlan-port", type=int, default=Shape().vxlan_port, metavar="PORT", help="of the tunnel")
    up.add_argument("--bare", action="store_true", help="without the product")
    up.set_defaults(command=lambda given: cluster.up(shape_of(given), bare=given.bare))


def shape_of(given: argparse.Namespace) -> Shape:
    """What the options of `up` choose."""
    usual = ("cp", *(f"w{number}" for number in range(1, given.nodes)))
    return Shape(
        names=tuple(given.names.split(",")) if given.names else usual,
        dual_stack=given.dual_stack,
        metallb=given.metallb,
        vxlan_port=given.vxlan_port,
        flanneld=given.flanneld,
    )


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
