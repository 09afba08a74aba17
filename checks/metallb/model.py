"""What a person may set. Nothing travels: the snapshot says all."""

from typing import Annotated

import msgspec


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    namespace: Annotated[
        str,
        msgspec.Meta(
            max_length=63,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$",
            description="The namespace of MetalLB; empty where it is found by what it is.",
        ),
    ] = ""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No job is made."""


class Data(msgspec.Struct, frozen=True):
    """No job is made."""
