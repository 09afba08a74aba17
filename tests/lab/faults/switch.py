"""Switches faults on and off, and remembers on disk which are on."""

import json

from tests.lab.faults.harmless import HARMLESS
from tests.lab.faults.model import Fault, Values, parse
from tests.lab.faults.network import has_ipv6
from tests.lab.faults.table import FAULTS
from tests.lab.layout import CONTROL_PLANE, RUN, LabError, Node
from tests.lab.network import switched_on

_ACTIVE = RUN / "faults"


def inject(name: str, words: list[str]) -> None:
    """Switch a fault on.

    Args:
        name: The fault's name.
        words: Its parameters, each as `key=value`.

    Raises:
        LabError: there is no such fault or parameter, a value is wrong, the fault is on already, a node is off or has
            not what breaks, or it needs IPv6 and the lab has none.
    """
    fault = _fault(name)
    values = parse(fault, words)
    _require_power([*values.get("node", []), *([CONTROL_PLANE] if fault.in_cluster else [])])
    fault.check(values)
    record = _ACTIVE / f"{name}.json"
    if fault.dual_stack and not has_ipv6():
        raise LabError(f"{name} needs IPv6, which this lab has not: `down`, then `up --dual-stack`")
    if record.exists():
        raise LabError(f"{name} is on already: `heal` first")
    _ACTIVE.mkdir(exist_ok=True)
    # Parameters stay text in the record: they are parsed again when the fault is undone.
    texts = {key: parameter.default for key, parameter in fault.parameters.items()}
    texts |= dict(word.split("=", 1) for word in words)
    remembered = fault.remember()
    record.write_text(json.dumps({"parameters": texts, "remembered": remembered}))
    try:
        fault.inject({**values, **remembered})
    except LabError:
        fault.undo({**values, **remembered})
        record.unlink()
        raise


def heal() -> list[str]:
    """Undo every fault that is on and return their names.

    Raises:
        LabError: a fault is on that takes the API server to undo, and its node is off; the others are undone.
    """
    healed, left = [], []
    # The last one first: a change may not be undone while something that came after it is still broken.
    for name in sorted(active(), key=lambda each: (_ACTIVE / f"{each}.json").stat().st_mtime_ns, reverse=True):
        fault, values = _recorded(name)
        if fault.in_cluster and not switched_on([CONTROL_PLANE]):
            left.append(name)
            continue
        fault.undo(values)
        (_ACTIVE / f"{name}.json").unlink()
        healed.append(name)
    if left:
        raise LabError(f"{', '.join(left)}: undone through the API server, so `power on {CONTROL_PLANE.name}` first")
    return healed


def follow_power(changed: Node) -> None:
    """Bring every fault that is on to what is true now that a node was switched off or on."""
    for name in active():
        fault, values = _recorded(name)
        fault.follow_power(values, changed)


def _recorded(name: str) -> tuple[Fault, Values]:
    """Return a fault that is on, with its parameters and what was remembered for it."""
    fault, content = _fault(name), json.loads((_ACTIVE / f"{name}.json").read_text())
    values = parse(fault, [f"{key}={value}" for key, value in content["parameters"].items()])
    return fault, {**values, **content["remembered"]}


def _require_power(wanted: list[Node]) -> None:
    if off := [each.name for each in wanted if each not in switched_on(wanted)]:
        raise LabError(f"{', '.join(off)}: switched off, `power on` first")


def active() -> list[str]:
    """Return the names of the faults that are on."""
    return sorted(path.stem for path in _ACTIVE.glob("*.json"))


def listing() -> str:
    """Return every fault in one line each, with its parameters and defaults."""
    lines = []
    for fault in (*FAULTS, *HARMLESS):
        parameters = " ".join(f"{key}={parameter.default}" for key, parameter in fault.parameters.items())
        lines.append(f"{fault.name:24} {fault.summary}" + (f" [{parameters}]" if parameters else ""))
    return "\n".join(lines)


def _fault(name: str) -> Fault:
    for fault in (*FAULTS, *HARMLESS):
        if fault.name == name:
            return fault
    raise LabError(f"no fault {name!r}; there are:\n{listing()}")
