"""A check's parameters, from what a person typed; what is allowed is said in the words of the parameter's own type."""

from typing import Any

import msgspec

from bot.errors import UsageError
from bot.names import nearest, short
from checks.check import Check

_KINDS: dict[Any, str] = {
    msgspec.inspect.FloatType: "a number",
    msgspec.inspect.IntType: "a whole number",
    msgspec.inspect.BoolType: "true or false",
    msgspec.inspect.StrType: "text",
}


def parameters_of(check: Check, pairs: dict[str, str]) -> dict[str, Any]:
    """The parameters of a check as builtins.

    Raises:
        UsageError: a name that the check does not have, or a value that does not fit.
    """
    fields = {field.encode_name: field for field in msgspec.structs.fields(check.parameters)}
    for name, value in pairs.items():
        if name not in fields:
            raise _unknown(check, name, list(fields))
        try:
            msgspec.convert({name: value}, check.parameters, strict=False)
        except msgspec.ValidationError:
            allowed, meaning = _allowed(check, name)
            raise UsageError(
                f"{name} of {check.name} cannot be {short(value)!r}: it takes {allowed}.",
                hint=f"{meaning} All parameters:".lstrip(),
                command=f"help {check.name}",
            ) from None
    built: dict[str, Any] = msgspec.to_builtins(msgspec.convert(pairs, check.parameters, strict=False))
    # Only what was said: a default may have changed by the time the worker reads it.
    return {name: built[name] for name in pairs}


def _unknown(check: Check, name: str, known: list[str]) -> UsageError:
    close = nearest(name, known)
    hint = f"Did you mean {close}?" if close else f"It takes {', '.join(known)}." if known else "It takes none."
    return UsageError(
        f"{check.name} has no parameter {short(name)!r}.", hint=f"{hint} All parameters:", command=f"help {check.name}"
    )


def _allowed(check: Check, name: str) -> tuple[str, str]:
    """What a parameter takes, and what it means."""
    info = msgspec.inspect.type_info(check.parameters)
    kind: Any = next(field.type for field in info.fields if field.encode_name == name)  # type: ignore[attr-defined]  # it is a struct's
    meaning = ""
    if isinstance(kind, msgspec.inspect.Metadata):
        meaning = str((kind.extra_json_schema or {}).get("description", ""))
        kind = kind.type
    return f"{_KINDS.get(type(kind), 'another value')}{_bounds(kind)}", meaning


def _bounds(kind: Any) -> str:
    least, most = getattr(kind, "ge", None), getattr(kind, "le", None)
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}"
    longest = getattr(kind, "max_length", None)
    shape = " of a certain form" if getattr(kind, "pattern", None) else ""
    return f"{shape}, at most {longest} characters" if longest else shape
