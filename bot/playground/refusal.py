"""The one way in which the stand-in says no."""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818  Slack calls it an error; here it is an answer like any other
    """A request that Slack refuses, with the error code that Slack gives.

    Args:
        code: Slack's error code, for example `channel_not_found`.
        messages: Details, sent as `response_metadata.messages`.
        details: Further top-level fields of the answer, for example `needed` of `missing_scope`.
    """

    def __init__(self, code: str, messages: Sequence[str] = (), details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = list(messages)
        self.details = dict(details or {})

    def answer(self) -> dict[str, Any]:
        """Return the JSON body that Slack answers with."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.details}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body
