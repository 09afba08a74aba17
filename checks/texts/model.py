"""What a person may set. Nothing travels: the text says all."""

from typing import Annotated

import msgspec


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    error: Annotated[
        str,
        msgspec.Meta(
            max_length=10_000,
            description="The error text, or lines of a log, as kubectl or a program showed them; quotes may vary.",
        ),
    ] = ""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No job is made."""


class Data(msgspec.Struct, frozen=True):
    """No job is made."""
