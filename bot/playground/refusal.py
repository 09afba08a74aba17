"""The one way in which the stand-in says no."""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818 - Slack calls it an error; here it is an answer like any other
    """A request that Slack refuses, with the error code that Slack gives."""

    def __init__(self, code: str, messages: Sequence[str] = (), details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, *messages)
        self.code = code
        """For example `channel_not_found`."""
        self.messages = list(messages)
        """What is wrong where; sent as `response_metadata.messages`."""
        self.details = dict(details or {})
        """Further fields of the answer, for example `needed` of `missing_scope`."""

    def answer(self) -> dict[str, Any]:
        """The JSON body that Slack answers with."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.details}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body
