"""Nothing travels: the snapshot says all."""

import msgspec


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No job is made."""


class Data(msgspec.Struct, frozen=True):
    """No job is made."""
