"""The APIs that the API server has from other servers in the cluster: metrics-server's and others'."""

import msgspec

from checks.cluster.meta import Condition, Metadata, Struct


class APIServiceReference(Struct, frozen=True):
    """The Service through which such a server is asked."""

    namespace: str = ""
    name: str = ""
    port: int = 443


class APIServiceSpec(Struct, frozen=True):
    """`spec` of an APIService."""

    service: APIServiceReference | None = None
    """None for the API server's own groups."""


class APIServiceStatus(Struct, frozen=True):
    """`status` of an APIService."""

    conditions: tuple[Condition, ...] = ()


class APIService(Struct, frozen=True):
    """One version of a group of an API."""

    metadata: Metadata = Metadata()
    spec: APIServiceSpec = APIServiceSpec()
    status: APIServiceStatus = msgspec.field(default_factory=APIServiceStatus)

    @property
    def available(self) -> Condition | None:
        """What the API server says of whether it can be asked; None before it has looked."""
        return next((c for c in self.status.conditions if c.type == "Available"), None)
