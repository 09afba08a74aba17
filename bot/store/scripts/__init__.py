"""The Lua scripts that change more than one key at once, each in a file of its own beside this one.

A script's file begins with what it does, and then declares its keys and arguments by name:

    -- Renew a lease, but only for its owner.
    -- KEYS stream
    -- ARGV group consumer entry

These two lines become the local variables of that name; a name that ends in `...` takes all that is left, as a table.
Whoever calls the script passes the same names as keywords. `-- USES clock` puts `shared/clock.lua` in front.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_HEADER = re.compile(r"^-- (KEYS|ARGV|USES)((?: [a-z_]+(?:\.\.\.)?)*)$", re.MULTILINE)
_REST = "..."


@dataclass(frozen=True, slots=True)
class Source:
    """A script as Redis runs it, and the names that it declares."""

    text: str
    keys: tuple[str, ...]
    arguments: tuple[str, ...]


class Script:
    """A script by the name of its file; calling it runs it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, client: Any, **values: Any) -> Any:
        """Run it: keys and arguments are keywords; one whose name ends in `...` is a sequence.

        In a pipeline the answer comes with the pipeline's.

        Raises:
            TypeError: a name that the script does not declare, or one that is missing.
        """
        source = load(self.name)
        declared = {name.removesuffix(_REST) for name in (*source.keys, *source.arguments)}
        if declared != values.keys():
            missing, unknown = sorted(declared - values.keys()), sorted(values.keys() - declared)
            raise TypeError(f"{self.name}.lua: missing {missing}, unknown {unknown}")
        keys, arguments = _flat(source.keys, values), _flat(source.arguments, values)
        return client.register_script(source.text)(keys, arguments, client=client)


@functools.cache
def load(name: str) -> Source:
    """A script from its file.

    Raises:
        ValueError: its header is not whole, or declares a name twice.
    """
    text = (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")
    header = {match[1]: tuple(match[2].split()) for match in _HEADER.finditer(text)}
    if not {"KEYS", "ARGV"} <= header.keys():
        raise ValueError(f"{name}.lua does not declare its KEYS and ARGV")
    names = [declared.removesuffix(_REST) for declared in (*header["KEYS"], *header["ARGV"])]
    if len(set(names)) < len(names):
        raise ValueError(f"{name}.lua declares a name twice")
    shared = [(_FOLDER / "shared" / f"{used}.lua").read_text(encoding="utf-8") for used in header.get("USES", ())]
    body = _HEADER.sub(lambda match: _locals(match[1], tuple(match[2].split())), text)
    return Source("\n".join([*shared, body]), header["KEYS"], header["ARGV"])


def _locals(table: str, names: tuple[str, ...]) -> str:
    """The Lua line that gives what was declared its names."""
    if table == "USES" or not names:
        return ""
    single = [name for name in names if not name.endswith(_REST)]
    lines = [f"local {', '.join(single)} = unpack({table})"] if single else []
    if len(single) < len(names):
        lines.append(f"local {names[-1].removesuffix(_REST)} = {{unpack({table}, {len(names)})}}")
    return "; ".join(lines)


def _flat(declared: tuple[str, ...], values: dict[str, Any]) -> list[Any]:
    flat: list[Any] = []
    for name in declared:
        value = values[name.removesuffix(_REST)]
        flat += value if name.endswith(_REST) else [value]
    return flat
