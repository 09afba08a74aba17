"""Every setting, in one table.

Settings come from the environment, so that a chart, a shell and a test set them alike. A secret can be given as a file
instead: `NETCHECK_JOB_KEY_FILE` for `NETCHECK_JOB_KEY`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment variable, default and meaning."""

    name: str
    default: str
    meaning: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "NETCHECK_REDIS_URL",
        "",
        "Redis, as `redis://` or `rediss://`. The roles need it; without it a command starts a private server.",
        secret=True,
    ),
    Setting("NETCHECK_CLUSTER", "default", "The name of the cluster that a worker or an agent belongs to."),
    Setting(
        "NETCHECK_JOB_KEY",
        "",
        "Key that signs diagnostic jobs: any text of 16 or more characters, the same everywhere.",
        secret=True,
    ),
    Setting(
        "NETCHECK_OPERATIONS_KEY",
        "",
        "Key that signs what the operator may do: bot and operator alone have it. Empty: people do everything by hand.",
        secret=True,
    ),
    Setting(
        "NETCHECK_PRIVILEGED_IMAGE",
        "",
        "Image of the short-lived pod with NET_ADMIN by which the operator may switch offloads. Empty: people do it.",
    ),
    Setting("NETCHECK_NAME", "", "This worker's name, unique and kept over restarts. Empty: host name and process id."),
    Setting("NETCHECK_NODE", "", "The node that an agent serves, or that the operator runs on."),
    Setting("NETCHECK_ECHO", "", "Addresses that an agent's echo listens on, separated by commas. Empty: all."),
    Setting("NETCHECK_NAMESPACE", "netcheck", "The namespace that netcheck itself is installed in."),
    Setting("NETCHECK_QUEUE_LIMIT", "200", "Runs that may wait in one cluster before new ones are refused."),
    Setting("NETCHECK_RUN_TTL", "604800", "Seconds that a finished run is kept."),
    Setting("NETCHECK_BUNDLE_TTL", "3600", "Seconds that what a run saw is kept, for `--save` and for a second look."),
    Setting(
        "NETCHECK_HISTORY_DAYS",
        "30",
        "Days that what was measured and what was not well is kept; see docs/history.md.",
    ),
    Setting(
        "NETCHECK_ACCESS",
        "",
        "Path of the file that says who may do what. Empty: everybody may look, and nobody may change anything.",
    ),
    Setting(
        "NETCHECK_REMIND_AFTER",
        "900",
        "Seconds without a move after which an incident's owner is called, then after twice as long, four times.",
    ),
    Setting("SLACK_BOT_TOKEN", "", "Slack's bot token, `xoxb-…`.", secret=True),
    Setting("SLACK_APP_TOKEN", "", "Slack's app-level token, `xapp-…`, for Socket Mode.", secret=True),
    Setting("SLACK_SIGNING_SECRET", "", "Slack's signing secret, for HTTP mode.", secret=True),
    Setting("NETCHECK_SLACK_MODE", "socket", "`socket` (no inbound connection) or `http`."),
    Setting("NETCHECK_SLACK_API", "https://slack.com/api/", "Slack's Web API."),
    Setting(
        "NETCHECK_INCIDENT_CHANNELS",
        "thread",
        "Where what happens in an incident is told: in the `thread` of its message, or in a channel of its `own`, for "
        "which the app needs the scope `channels:manage`.",
    ),
    Setting(
        "NETCHECK_SLACK_BLOCKS",
        "all",
        "`all`, or `plain` for a Slack that does not take the newer blocks (plan, task card).",
    ),
    Setting("NETCHECK_HTTP_LISTEN", "0.0.0.0:3000", "Address and port that HTTP mode listens on."),
    Setting(
        "NETCHECK_VCENTER_HOST",
        "",
        "The operator's vCenter, by the name in its certificate. Empty: people exchange adapters by hand.",
    ),
    Setting("NETCHECK_VCENTER_PORT", "443", "vCenter's port."),
    Setting(
        "NETCHECK_VCENTER_USER",
        "",
        "The operator's own user in vCenter, with its domain: `netcheck@vsphere.local`.",
    ),
    Setting("NETCHECK_VCENTER_PASSWORD", "", "That user's password.", secret=True),
    Setting(
        "NETCHECK_VCENTER_CA",
        "",
        "PEM file with the authority that issued vCenter's certificate. Empty: those that the system trusts.",
    ),
)
JOBS = "jobs"
"""The name of the key that signs diagnostic jobs and the runs that they are made for."""
OPERATIONS = "operations"
"""The name of the key that signs what the operator may do."""
_BY_NAME = {setting.name: setting for setting in SETTINGS}
MIN_KEY_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret that signs envelopes, and what it is for."""

    name: str
    secret: bytes = field(repr=False)


class Config:
    """The settings of one process.

    Raises:
        ConfigError: a `…_FILE` cannot be read, or (at the look-up) a value does not fit.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        source = os.environ if environment is None else environment
        self._values = {setting.name: _value(setting, source) for setting in SETTINGS}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def number(self, name: str) -> int:
        """A setting that is a positive whole number."""
        value = self[name]
        if not value.isdecimal() or int(value) < 1:
            raise ConfigError(f"{name} is {value!r}, not a positive whole number.", hint=_BY_NAME[name].meaning)
        return int(value)

    def required(self, name: str) -> str:
        """A setting that must not be empty."""
        if not self[name]:
            raise ConfigError(f"{name} is not set.", hint=f"Set it, or {name}_FILE to a file: {_BY_NAME[name].meaning}")
        return self[name]

    def job_key(self) -> SigningKey:
        """The key that signs diagnostic jobs."""
        return self._signing_key("NETCHECK_JOB_KEY", JOBS)

    def operations_key(self) -> SigningKey:
        """The key that signs what the operator may do.

        Raises:
            ConfigError: it is too short, or the same as the one for jobs, which agents have too.
        """
        key = self._signing_key("NETCHECK_OPERATIONS_KEY", OPERATIONS)
        if key.secret == self["NETCHECK_JOB_KEY"].encode():
            raise ConfigError(
                "NETCHECK_OPERATIONS_KEY is the same as NETCHECK_JOB_KEY.",
                hint="Agents have the key for jobs; with it alone nobody may change anything. Make another one.",
            )
        return key

    def _signing_key(self, setting: str, name: str) -> SigningKey:
        key = self.required(setting)
        if len(key) < MIN_KEY_CHARACTERS:
            raise ConfigError(
                f"{setting} has {len(key)} characters; {MIN_KEY_CHARACTERS} are the least.",
                hint="`openssl rand -hex 32` makes a good one.",
            )
        return SigningKey(name, key.encode())

    def override(self, **values: str) -> "Config":
        """A copy with other values, for options that outrank the environment."""
        return Config({**self._values, **values})


def _value(setting: Setting, source: Mapping[str, str]) -> str:
    path = source.get(f"{setting.name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{setting.name}_FILE names {path}, which cannot be read: {error}.") from None
    return source.get(setting.name, setting.default).strip() or setting.default
