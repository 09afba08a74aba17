"""The errors that people see, as one small tree.

    NetcheckError
    ├── UsageError         the person can put it right: an unknown word, a bad value      exit code 2
    ├── ConfigError        the operator can put it right: a setting is missing or wrong   exit code 2
    ├── NotPermitted       understood, but this person may not                            exit code 3
    ├── Refused            understood, but not taken now: the queue is full               exit code 3
    ├── Unavailable        Redis, Slack or the API server does not answer                 exit code 3
    ├── VCenterError       vCenter refuses it, or is not as it should be (`bot/operator/vcenter/errors.py`)
    ├── BadEnvelope        a job that must not be trusted: signature, field or check
    └── Unreadable         stored by another version, or damaged: what it says is not known

Each says what happened and, in `hint`, what to do about it. Where a command helps, `command` has its words alone:
whoever shows the error puts before them what people type there, `/netcheck` or `netcheck`.
"""


class NetcheckError(Exception):
    """The base: `str(error)` says what happened, `hint` what to do, and `command` which command helps with it."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "", command: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.command = command

    @property
    def reason(self) -> str:
        """What happened and what to do, without the command."""
        return f"{self} {self.hint}".rstrip()

    @property
    def text(self) -> str:
        """All of it in one paragraph, as the command line and the logs show it."""
        return f"{self.reason} `netcheck {self.command}`" if self.command else self.reason


class UsageError(NetcheckError):
    """The words of the person who asked do not fit."""

    exit_code = 2


class ConfigError(NetcheckError):
    """A setting is missing or has a value that cannot be used."""

    exit_code = 2


class NotPermitted(NetcheckError):  # noqa: N818 - it is an answer, not an accident
    """This person may not do this here; somebody else may, or they may elsewhere.

    `ask` has Slack's ids of whom to ask or of where to go, which `hint` introduces: users, user groups or channels.
    Slack shows them by their names.
    """

    def __init__(self, message: str, *, hint: str = "", ask: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.ask = ask

    @property
    def text(self) -> str:
        """All of it in one paragraph; the ids as they are."""
        return f"{self.reason} {', '.join(self.ask)}".rstrip()


class Refused(NetcheckError):  # noqa: N818 - the same
    """The request is fine but is not accepted now."""


class Unavailable(NetcheckError):  # noqa: N818 - the same
    """An outside system does not answer."""


class BadEnvelope(NetcheckError):  # noqa: N818 - the same
    """A job whose signature, fields or check are not what they must be. It is never run."""


class Unreadable(NetcheckError):  # noqa: N818 - the same
    """What was stored cannot be understood here: it is of another version, or damaged."""

    def __init__(self, message: str, *, hint: str = "Run one version of netcheck everywhere.") -> None:
        super().__init__(message, hint=hint)
