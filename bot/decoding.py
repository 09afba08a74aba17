"""Reading JSON that somebody else wrote: another version, or anybody who may write to Redis or hand over a file."""

from typing import TypeVar

import msgspec

from bot.errors import Unreadable

Content = TypeVar("Content")


def decoded(document: bytes, kind: type[Content]) -> Content:
    """The value of that type in a JSON document.

    Raises:
        Unreadable: it is no JSON, no UTF-8, nested too deep, or has another shape.
    """
    try:
        return msgspec.json.decode(document, type=kind)
    # Deep nesting ends in a RecursionError, invalid UTF-8 in keys in a UnicodeDecodeError, which is a ValueError.
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise Unreadable(f"{error}") from None
