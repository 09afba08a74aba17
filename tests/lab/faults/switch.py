"""Switches faults on and off, and remembers on disk which are on."""

import json

from tests.lab.faults.model import Fault, parse
from tests.lab.faults.network import has_ipv6
from tests.lab.faults.table import FAULTS
from tests.lab.layout import RUN, LabError

_ACTIVE = RUN / "faults"


def inject(name: str, words: list[str]) -> None:
    """Switch a fault on.

    Args:
        name: The fault's name.
        words: Its parameters, each as `key=value`.

    Raises:
        LabError: there is no such fault or parameter, a value is wrong, the fault is on already, or it needs IPv6 and
            the lab has none.
    """
    fault = _fault(name)
    values = parse(fault, words)
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
    """Undo every fault that is on and return their names."""
    healed = []
    for name in active():
        record = _ACTIVE / f"{name}.json"
        fault, content = _fault(name), json.loads(record.read_text())
        values = parse(fault, [f"{key}={value}" for key, value in content["parameters"].items()])
        fault.undo({**values, **content["remembered"]})
        record.unlink()
        healed.append(name)
    return healed


def active() -> list[str]:
    """Return the names of the faults that are on."""
    return sorted(path.stem for path in _ACTIVE.glob("*.json"))


def listing() -> str:
    """Return every fault in one line each, with its parameters and defaults."""
    lines = []
    for fault in FAULTS:
        parameters = " ".join(f"{key}={parameter.default}" for key, parameter in fault.parameters.items())
        lines.append(f"{fault.name:24} {fault.summary}" + (f" [{parameters}]" if parameters else ""))
    return "\n".join(lines)


def _fault(name: str) -> Fault:
    for fault in FAULTS:
        if fault.name == name:
            return fault
    raise LabError(f"no fault {name!r}; there are:\n{listing()}")
