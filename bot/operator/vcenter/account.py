"""Which vCenter the operator changes machines in, and as whom."""

import ssl
from dataclasses import dataclass, field

from bot.config import Config
from bot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Account:
    """Which vCenter, and as whom."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_file: str = ""
    """PEM file with the authorities that may have issued its certificate; empty: those that the system trusts."""

    def trust(self) -> ssl.SSLContext:
        """How its certificate is verified.

        Raises:
            ConfigError: the file with the authorities cannot be used.
        """
        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except OSError as error:  # no file, or no certificate in it: ssl.SSLError is one
            raise ConfigError(
                f"NETCHECK_VCENTER_CA names {self.ca_file}, which cannot be used: {error}.",
                hint="It has to be a PEM file with the certificate of the authority that issued vCenter's.",
            ) from None


def configured(config: Config) -> Account | None:
    """The vCenter of the settings, or None when there is none, so that people exchange adapters by hand.

    Raises:
        ConfigError: the user or the password is missing, or the port is no number.
    """
    host = config["NETCHECK_VCENTER_HOST"]
    if not host:
        return None
    return Account(
        host=host,
        port=config.number("NETCHECK_VCENTER_PORT"),
        user=config.required("NETCHECK_VCENTER_USER"),
        password=config.required("NETCHECK_VCENTER_PASSWORD"),
        ca_file=config["NETCHECK_VCENTER_CA"],
    )
