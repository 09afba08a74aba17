"""Block Kit's elements as a table: what each may contain, how much, and in which blocks it may stand.

Figures: https://docs.slack.dev/reference/block-kit/block-elements, and the same limits in slack_sdk.models.blocks.
"""

from collections.abc import Iterator
from typing import Any

from bot.playground.blockkit.composition import (
    CONFIRM,
    DISPATCH,
    FEEDBACK,
    FORMATTED_OPTION,
    ID,
    IMAGE,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    TYPE,
    plain,
)
from bot.playground.blockkit.schema import (
    Check,
    Fields,
    Shape,
    anything,
    boolean,
    choice,
    complaint,
    items,
    number,
    string,
    url,
)

_ACTION: Fields = {**TYPE, "action_id": ID, "confirm": CONFIRM}
_INPUT: Fields = {**_ACTION, "placeholder": plain(150), "focus_on_load": boolean}
_TYPED: Fields = {
    **TYPE,
    "action_id": ID,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": DISPATCH,
    "initial_value": string(3000, least=0),
}


def _known_initial(value: Any, path: str) -> Iterator[str]:
    known = [*value.get("options", []), *(o for group in value.get("option_groups", []) for o in group["options"])]
    chosen = [("initial_option", value["initial_option"])] if "initial_option" in value else []
    chosen += [(f"initial_options/{i}", o) for i, o in enumerate(value.get("initial_options", []))]
    for name, option in chosen:
        if option not in known:
            yield complaint("must be one of the options", f"{path}/{name}")


def _one_source(value: Any, path: str) -> Iterator[str]:
    if "options" in value and "option_groups" in value:
        yield complaint("only one of options and option_groups allowed", path)


def _select(**extra: Check) -> Shape:
    return Shape({**_INPUT, **extra})


_OPTIONS: Fields = {"options": items(100, OPTION), "option_groups": items(100, OPTION_GROUP)}
_CONVERSATIONS: Fields = {"default_to_current_conversation": boolean, "filter": anything}
_SOME = items(100, string(255), least=0)
_MOST: Fields = {"max_selected_items": number}

ELEMENTS: dict[str, Shape] = {
    "image": IMAGE,
    "button": Shape(
        {
            **_ACTION,
            "text": plain(75),
            "url": url,
            "value": string(2000),
            "style": choice("primary", "danger"),
            "accessibility_label": string(75),
        },
        required=["text"],
    ),
    "icon_button": Shape(
        {
            **_ACTION,
            "icon": choice("trash"),
            "text": plain(75),
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": items(10, string(255)),
        },
        required=["icon", "text"],
    ),
    "feedback_buttons": Shape(
        {**TYPE, "action_id": ID, "positive_button": FEEDBACK, "negative_button": FEEDBACK},
        required=["positive_button", "negative_button"],
    ),
    "overflow": Shape({**_ACTION, "options": items(5, OVERFLOW_OPTION)}, required=["options"]),
    "checkboxes": Shape(
        {
            **_ACTION,
            "options": items(10, FORMATTED_OPTION),
            "initial_options": items(10, FORMATTED_OPTION),
            "focus_on_load": boolean,
        },
        required=["options"],
        further=[_known_initial],
    ),
    "radio_buttons": Shape(
        {
            **_ACTION,
            "options": items(10, FORMATTED_OPTION),
            "initial_option": FORMATTED_OPTION,
            "focus_on_load": boolean,
        },
        required=["options"],
        further=[_known_initial],
    ),
    "datepicker": _select(initial_date=string(10)),
    "timepicker": _select(initial_time=string(5), timezone=string(255)),
    "datetimepicker": Shape({**_ACTION, "initial_date_time": number, "focus_on_load": boolean}),
    "static_select": Shape(
        {
            **_INPUT,
            "options": _OPTIONS["options"],
            "option_groups": _OPTIONS["option_groups"],
            "initial_option": OPTION,
        },
        one_of=[["options", "option_groups"]],
        further=[_one_source, _known_initial],
    ),
    "multi_static_select": Shape(
        {
            **_INPUT,
            **_MOST,
            **_OPTIONS,
            "initial_options": items(100, OPTION),
        },
        one_of=[["options", "option_groups"]],
        further=[_one_source, _known_initial],
    ),
    "external_select": _select(initial_option=OPTION, min_query_length=number),
    "multi_external_select": _select(initial_options=items(100, OPTION), min_query_length=number, **_MOST),
    "users_select": _select(initial_user=string(255)),
    "multi_users_select": _select(initial_users=_SOME, **_MOST),
    "channels_select": _select(initial_channel=string(255), response_url_enabled=boolean),
    "multi_channels_select": _select(initial_channels=_SOME, **_MOST),
    "conversations_select": _select(initial_conversation=string(255), response_url_enabled=boolean, **_CONVERSATIONS),
    "multi_conversations_select": _select(initial_conversations=_SOME, **_MOST, **_CONVERSATIONS),
    "plain_text_input": Shape({**_TYPED, "multiline": boolean, "min_length": number, "max_length": number}),
    "email_text_input": Shape(_TYPED),
    "url_text_input": Shape(_TYPED),
    "number_input": Shape(
        {**_TYPED, "is_decimal_allowed": boolean, "min_value": string(255), "max_value": string(255)},
        required=["is_decimal_allowed"],
    ),
    "rich_text_input": Shape({**_TYPED, "initial_value": anything}),
    "file_input": Shape({**TYPE, "action_id": ID, "filetypes": items(100, string(255)), "max_files": number}),
    "workflow_button": Shape(
        {**TYPE, "action_id": ID, "text": plain(75), "workflow": anything, "style": choice("primary", "danger")},
        required=["text", "workflow"],
    ),
}
"""Every element by its type."""

INTERACTIVE = frozenset(kind for kind, shape in ELEMENTS.items() if "action_id" in shape.fields)
"""Elements that carry an `action_id`."""

_SELECTS = [
    f"{prefix}{kind}_select"
    for prefix in ("", "multi_")
    for kind in ("static", "external", "users", "channels", "conversations")
]
_PICKERS = ["datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"]
_FIELDS = ["plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"]
IN_ACTIONS = ["button", "overflow", "workflow_button", *_PICKERS, *_SELECTS]
IN_SECTION = [*IN_ACTIONS, "image"]
IN_INPUT = [*_FIELDS, *_PICKERS, *_SELECTS]
IN_CONTEXT_ACTIONS = ["feedback_buttons", "icon_button"]
