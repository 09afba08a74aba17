"""What a person entered into an element, in the words of interaction payloads.

The page and tests hand over a plain value: a string, a list of strings for multi-selects and checkboxes, None for
nothing. Payloads want it under a key that depends on the element.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.playground.refusal import Refusal


def _options(element: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    yield from element.get("options", [])
    for group in element.get("option_groups", []):
        yield from group["options"]


def _option(element: Mapping[str, Any], value: Any) -> dict[str, Any] | None:
    if value in (None, ""):
        return None
    found = next((option for option in _options(element) if option["value"] == value), None)
    if found is None:
        raise Refusal("no_such_option", [f"{value!r} is none of the options"])
    return found


def _some_options(element: Mapping[str, Any], values: Any) -> list[dict[str, Any]]:
    return [option for value in values or [] if (option := _option(element, value))]


def _given(_element: Mapping[str, Any], value: Any) -> Any:
    return value or None


def _list(_element: Mapping[str, Any], values: Any) -> list[str]:
    return list(values or [])


def _integer(_element: Mapping[str, Any], value: Any) -> int | None:
    return int(value) if value else None


Convert = Callable[[Mapping[str, Any], Any], Any]
_KEYS: dict[str, tuple[str, Convert, str]] = {
    "plain_text_input": ("value", _given, "initial_value"),
    "email_text_input": ("value", _given, "initial_value"),
    "url_text_input": ("value", _given, "initial_value"),
    "number_input": ("value", _given, "initial_value"),
    "static_select": ("selected_option", _option, "initial_option"),
    "radio_buttons": ("selected_option", _option, "initial_option"),
    "overflow": ("selected_option", _option, ""),
    "multi_static_select": ("selected_options", _some_options, "initial_options"),
    "checkboxes": ("selected_options", _some_options, "initial_options"),
    "users_select": ("selected_user", _given, "initial_user"),
    "multi_users_select": ("selected_users", _list, "initial_users"),
    "channels_select": ("selected_channel", _given, "initial_channel"),
    "multi_channels_select": ("selected_channels", _list, "initial_channels"),
    "conversations_select": ("selected_conversation", _given, "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", _list, "initial_conversations"),
    "datepicker": ("selected_date", _given, "initial_date"),
    "timepicker": ("selected_time", _given, "initial_time"),
    "datetimepicker": ("selected_date_time", _integer, "initial_date_time"),
}
STATELESS = frozenset({"button", "overflow", "icon_button", "feedback_buttons", "workflow_button"})
"""Elements that send an action and keep no value."""


def entered(element: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """The state of an element after a person entered a value.

    Raises:
        Refusal: `no_such_option`, when the element does not offer the value.
    """
    kind = element["type"]
    if kind not in _KEYS:
        return {"type": kind}
    key, convert, _ = _KEYS[kind]
    return {"type": kind, key: convert(element, value)}


def initial(element: Mapping[str, Any]) -> dict[str, Any]:
    """The state of an element before anyone touched it."""
    kind = element["type"]
    if kind not in _KEYS:
        return {"type": kind}
    key, _, initially = _KEYS[kind]
    return {"type": kind, key: element.get(initially, [] if key.endswith("s") else None)}


def empty(state: Mapping[str, Any]) -> bool:
    """Whether a state holds nothing, as for an input that was left out."""
    return not any(value for key, value in state.items() if key != "type")


def elements(blocks: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield block ID and element of everything interactive in blocks."""
    for block in blocks:
        nested = block.get("elements") if block["type"] in {"actions", "context_actions"} else block.get("actions")
        for element in [*(nested or []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element


def states(blocks: Iterable[Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The state of all elements in blocks: what is known of them, or what they start with."""
    found: dict[str, dict[str, Any]] = {}
    for block_id, element in elements(blocks):
        if element["type"] not in STATELESS:
            state = known.get(block_id, {}).get(element["action_id"]) or initial(element)
            found.setdefault(block_id, {})[element["action_id"]] = state
    return found
