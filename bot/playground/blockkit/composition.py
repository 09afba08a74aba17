"""Block Kit's composition objects as a table: text, options, confirmations, images.

Figures: https://docs.slack.dev/reference/block-kit/composition-objects, and the same limits in slack_sdk.models.blocks.
"""

from bot.playground.blockkit.schema import Check, Fields, Shape, anything, boolean, choice, items, string, typed, url

ID = string(255)
TYPE: Fields = {"type": anything}


def plain(most: int) -> Check:
    """Require a plain_text object of at most `most` characters."""
    return typed({"plain_text": Shape({**TYPE, "text": string(most), "emoji": boolean}, required=["text"])})


def text(most: int) -> Check:
    """Require a plain_text or mrkdwn object of at most `most` characters."""
    return typed(
        {
            "plain_text": Shape({**TYPE, "text": string(most), "emoji": boolean}, required=["text"]),
            "mrkdwn": Shape({**TYPE, "text": string(most), "verbatim": boolean}, required=["text"]),
        }
    )


CONFIRM = Shape(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": choice("primary", "danger"),
    },
    required=["title", "text", "confirm", "deny"],
)
OPTION = Shape({"text": plain(75), "value": string(150), "description": plain(75)}, required=["text", "value"])
FORMATTED_OPTION = Shape({"text": text(75), "value": string(150), "description": text(75)}, required=["text", "value"])
OVERFLOW_OPTION = Shape(
    {"text": plain(75), "value": string(150), "description": plain(75), "url": url}, required=["text", "value"]
)
OPTION_GROUP = Shape({"label": plain(75), "options": items(100, OPTION)}, required=["label", "options"])
SLACK_FILE = Shape({"id": string(255), "url": url}, one_of=[["id", "url"]])
FEEDBACK = Shape(
    {"text": plain(75), "value": string(2000), "accessibility_label": string(75)}, required=["text", "value"]
)
DISPATCH = Shape(
    {"trigger_actions_on": items(2, choice("on_enter_pressed", "on_character_entered"))},
    required=["trigger_actions_on"],
)
IMAGE = Shape(
    {**TYPE, "image_url": url, "slack_file": SLACK_FILE, "alt_text": string(2000)},
    required=["alt_text"],
    one_of=[["image_url", "slack_file"]],
)
