"""What all API objects have, and the base of the types that they are decoded into."""

import msgspec


class Struct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The base of everything decoded from API JSON: unknown fields are ignored, missing ones have defaults."""


class OwnerReference(Struct, frozen=True):
    """The object that made another one."""

    kind: str = ""
    name: str = ""


class Metadata(Struct, frozen=True):
    """`metadata` of any object."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    annotations: dict[str, str] = msgspec.field(default_factory=dict)
    owner_references: tuple[OwnerReference, ...] = ()
    creation_timestamp: str = ""
    """As the API writes it (RFC 3339); what is seconds old may not have been looked at by those whom it concerns."""


class Condition(Struct, frozen=True):
    """One of an object's conditions."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
