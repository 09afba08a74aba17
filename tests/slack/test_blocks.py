"""What the stand-in accepts and refuses of Block Kit."""

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk

from bot.playground.blockkit.blocks import BLOCKS, SURFACES, complaints
from bot.playground.blockkit.elements import ELEMENTS
from bot.playground.blockkit.messages import check_message
from bot.playground.blockkit.views import check_view
from bot.playground.refusal import Refusal
from tests.slack.shapes import actions, asking, button, modal, mrkdwn, option, plain, section, select

RUN = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}
RICH = {"type": "rich_text", "elements": [RUN]}
IMAGE = {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a"}
TASK = {"type": "task_card", "task_id": "1", "title": "t", "status": "in_progress", "details": RICH}
CONFIRM = {"title": plain("t"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n")}
FEEDBACK = {"text": plain("x"), "value": "v"}

VALID: dict[str, dict[str, Any]] = {
    "section": section("x", fields=[mrkdwn("a"), plain("b")], accessory=select("s", "a", "b")),
    "header": {"type": "header", "text": plain("x")},
    "divider": {"type": "divider"},
    "image": {**IMAGE, "title": plain("x")},
    "context": {"type": "context", "elements": [mrkdwn("x"), IMAGE]},
    "actions": actions(button("b", confirm=CONFIRM), select("s", "a", initial_option=option("a"))),
    "context_actions": {
        "type": "context_actions",
        "elements": [{"type": "feedback_buttons", "positive_button": FEEDBACK, "negative_button": FEEDBACK}],
    },
    "input": asking("why", hint=plain("h"), optional=True),
    "rich_text": RICH,
    "markdown": {"type": "markdown", "text": "**x**"},
    "table": {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, RICH]], "column_settings": [None]},
    "task_card": TASK,
    "plan": {"type": "plan", "title": "t", "tasks": [TASK]},
    "alert": {"type": "alert", "text": mrkdwn("x"), "level": "warning"},
    "card": {"type": "card", "title": plain("x"), "actions": [button("b")]},
    "file": {"type": "file", "external_id": "1", "source": "remote"},
}
LONG = "x" * 20_000


def surface_of(kind: str) -> str:
    """A surface that shows blocks of this type."""
    return next(surface for surface, kinds in SURFACES.items() if kind in kinds)


def test_there_is_a_valid_example_of_every_block() -> None:
    """The table of valid examples covers all types the stand-in knows."""
    assert sorted(BLOCKS) == sorted(VALID)


@pytest.mark.parametrize("kind", VALID)
def test_a_valid_block_passes(kind: str) -> None:
    """Each valid example has nothing to complain about."""
    assert [] == complaints([VALID[kind]], surface_of(kind))


INVALID: list[tuple[str, dict[str, Any], str]] = [
    ("section text", section(LONG[:3001]), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ("empty text", section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ("field", {"type": "section", "fields": [mrkdwn(LONG[:2001])]}, "must be less than 2001 characters"),
    ("fields", {"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10 items allowed"),
    ("neither", {"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
    ("header", {"type": "header", "text": plain(LONG[:151])}, "must be less than 151 characters"),
    ("header markup", {"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    ("actions", actions(*(button(f"b{i}") for i in range(26))), "no more than 25 items allowed"),
    ("no actions", actions(), "no less than 1 items allowed"),
    ("context", {"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items allowed"),
    ("button in context", {"type": "context", "elements": [button("b")]}, "unsupported type: button"),
    ("text field in actions", actions({"type": "plain_text_input", "action_id": "x"}), "unsupported type: plain_text"),
    ("button text", actions(button("b", LONG[:76])), "must be less than 76 characters"),
    ("button markup", actions({**button("b"), "text": mrkdwn("x")}), "unsupported type: mrkdwn"),
    ("button value", actions(button("b", value=LONG[:2001])), "must be less than 2001 characters"),
    ("button style", actions(button("b", style="default")), "must be one of: primary, danger"),
    ("button url", actions(button("b", url="javascript:alert(1)")), "must be a valid url"),
    ("action_id", actions(button(LONG[:256])), "must be less than 256 characters"),
    ("block_id", {"type": "divider", "block_id": LONG[:256]}, "must be less than 256 characters"),
    ("same action_id", actions(button("b"), button("b")), "action_id `b` already exists"),
    ("options", section("x", accessory=select("s", *map(str, range(101)))), "no more than 100 items allowed"),
    ("no options", section("x", accessory=select("s")), "no less than 1 items allowed"),
    ("option value", section("x", accessory=select("s", LONG[:151])), "must be less than 151 characters"),
    ("option text", section("x", accessory=select("s", LONG[:76])), "must be less than 76 characters"),
    (
        "initial option",
        section("x", accessory=select("s", "a", initial_option=option("b"))),
        "must be one of the options",
    ),
    ("overflow", actions({"type": "overflow", "options": [option(str(i)) for i in range(6)]}), "no more than 5 items"),
    ("confirm", actions(button("b", confirm={**CONFIRM, "title": plain(LONG[:101])})), "must be less than 101"),
    ("confirm lacks", actions(button("b", confirm={"title": plain("x")})), "missing required field: deny"),
    ("markdown", {"type": "markdown", "text": LONG[:12_001]}, "must be less than 12001 characters"),
    ("table rows", {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}, "no more than 100 items"),
    ("table cells", {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}, "no more than 20 items"),
    ("table cell", {"type": "table", "rows": [[mrkdwn("x")]]}, "unsupported type: mrkdwn"),
    ("empty cell", {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}, "must be more than 0 characters"),
    ("task status", {**TASK, "status": "done"}, "must be one of: pending, in_progress, complete, error"),
    ("unknown block", {"type": "sektion"}, "unsupported type: sektion"),
    ("no type", {"text": plain("x")}, "missing required field: type"),
    ("unknown field", {"type": "divider", "colour": "red"}, "invalid additional property: colour"),
    ("emoji in mrkdwn", section("x") | {"text": {**mrkdwn("x"), "emoji": True}}, "invalid additional property: emoji"),
    ("text is a string", {"type": "section", "text": "x"}, "missing required field: type"),
    (
        "rich text",
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "bold"}]}]},
        "bold",
    ),
    ("alert in a message", VALID["alert"], "unsupported type: alert"),
    ("image without alt_text", {"type": "image", "image_url": "https://x.org"}, "missing required field: alt_text"),
]


@pytest.mark.parametrize(("block", "expected"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID])
def test_an_invalid_block_is_named_with_its_place(block: dict[str, Any], expected: str) -> None:
    """Each limit and rule is enforced, and the complaint says what and where."""
    found = complaints([block], "message")

    assert any(expected in text and "[json-pointer:/blocks/0" in text for text in found), found


def test_a_message_holds_fifty_blocks_and_a_modal_a_hundred() -> None:
    """The number of blocks depends on the surface."""
    blocks = [{"type": "divider"}] * 101

    assert [] == complaints(blocks[:50], "message")
    assert [] == complaints(blocks[:100], "modal")
    assert ["no more than 50 items allowed [json-pointer:/blocks]"] == complaints(blocks[:51], "message")
    assert ["no more than 100 items allowed [json-pointer:/blocks]"] == complaints(blocks, "modal")


def test_block_ids_are_unique_in_a_message() -> None:
    """A block_id that appears twice is refused."""
    twice = [{"type": "divider", "block_id": "a"}] * 2

    assert ["block_id `a` already exists [json-pointer:/blocks]"] == complaints(twice, "message")


def test_a_message_has_one_table() -> None:
    """A second table is refused."""
    assert ["only_one_table_allowed [json-pointer:/blocks]"] == complaints([VALID["table"]] * 2, "message")


def test_markdown_blocks_share_twelve_thousand_characters() -> None:
    """The limit holds for all markdown blocks of a message together."""
    halves = [{"type": "markdown", "text": LONG[:6001]}] * 2

    assert ["markdown: must be less than 12001 characters [json-pointer:/blocks]"] == complaints(halves, "message")


@pytest.mark.parametrize("kind", ["markdown", "table", "plan", "task_card", "card", "context_actions"])
def test_some_blocks_are_for_messages_only(kind: str) -> None:
    """What Slack shows in messages alone is refused in a modal."""
    assert [f"unsupported type: {kind} [json-pointer:/blocks/0]"] == complaints([VALID[kind]], "modal")


def test_the_total_of_a_message_is_limited() -> None:
    """13,200 characters of text in all blocks pass, one more does not."""
    fitting = [section(LONG[:3000])] * 4 + [section(LONG[:1200])]
    check_message(fitting)

    with pytest.raises(Refusal) as refused:
        check_message([*fitting[:4], section(LONG[:1201])])

    assert "msg_blocks_too_long" == refused.value.code


@pytest.mark.parametrize("blocks", ["[", {"type": "divider"}, ["divider"], 5])
def test_what_is_no_list_of_objects_is_a_format_error(blocks: Any) -> None:
    """Slack tells a wrong format from wrong content."""
    with pytest.raises(Refusal) as refused:
        check_message(blocks)

    assert "invalid_blocks_format" == refused.value.code


VIEWS: list[tuple[dict[str, Any], str]] = [
    (modal(section("x"), title=plain(LONG[:25])), "must be less than 25 characters [json-pointer:/view/title/text]"),
    (modal(section("x"), submit=plain(LONG[:25])), "must be less than 25 characters [json-pointer:/view/submit/text]"),
    (modal(section("x"), private_metadata=LONG[:3001]), "must be less than 3001 characters"),
    (modal(section("x"), callback_id=LONG[:256]), "must be less than 256 characters"),
    ({"type": "modal", "title": plain("x"), "blocks": [asking("a")]}, "missing required field: submit"),
    ({"type": "modal", "blocks": []}, "missing required field: title"),
    (modal(VALID["table"]), "unsupported type: table [json-pointer:/view/blocks/0]"),
    ({"type": "home", "blocks": []}, "unsupported type: home"),
]


@pytest.mark.parametrize(("view", "expected"), VIEWS)
def test_an_invalid_view_is_refused(view: dict[str, Any], expected: str) -> None:
    """Titles, metadata, blocks and the submit button of a modal are checked."""
    with pytest.raises(Refusal) as refused:
        check_view(view, "modal")

    assert "invalid_arguments" == refused.value.code
    assert any(expected in text for text in refused.value.messages), refused.value.messages


def test_a_huge_view_is_too_large() -> None:
    """A view has a size limit of its own."""
    with pytest.raises(Refusal) as refused:
        check_view(modal(*(section(LONG[:3000]) for _ in range(99))), "modal")

    assert "view_too_large" == refused.value.code


SDK_LIMITS: list[tuple[int, str, dict[str, Any], str]] = [
    (sdk.SectionBlock.text_max_length, "/text/text", section("{}"), "section"),
    (sdk.HeaderBlock.text_max_length, "/text/text", {"type": "header", "text": plain("{}")}, "header"),
    (sdk.MarkdownBlock.text_max_length, "/text", {"type": "markdown", "text": "{}"}, "markdown"),
    (sdk.InputBlock.label_max_length, "/label/text", {**asking("a"), "label": plain("{}")}, "input"),
    (sdk.ImageBlock.alt_text_max_length, "/alt_text", {**IMAGE, "alt_text": "{}"}, "image"),
    (sdk.ButtonElement.text_max_length, "/elements/0/text/text", actions(button("b", "{}")), "button text"),
    (sdk.ButtonElement.value_max_length, "/elements/0/value", actions(button("b", value="{}")), "button value"),
    (sdk.CardBlock.body_max_length, "/body/text", {"type": "card", "body": plain("{}")}, "card"),
]


def filled(value: Any, text: str) -> Any:
    """Put `text` where an example says `{}`."""
    if isinstance(value, dict):
        return {key: filled(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, text) for item in value]
    return text if value == "{}" else value


@pytest.mark.parametrize(("most", "path", "example", "_name"), SDK_LIMITS, ids=[row[3] for row in SDK_LIMITS])
def test_lengths_agree_with_the_sdk(most: int, path: str, example: dict[str, Any], _name: str) -> None:
    """Where the SDK knows a limit as well, both have the same."""
    expected = [f"must be less than {most + 1} characters [json-pointer:/blocks/0{path}]"]

    assert [] == complaints([filled(example, "x" * most)], "message")
    assert expected == complaints([filled(example, "x" * (most + 1))], "message")


def test_counts_agree_with_the_sdk() -> None:
    """The numbers of elements are the SDK's."""
    assert [25, 10, 5, 100, 10] == [
        sdk.ActionsBlock.elements_max_length,
        sdk.ContextBlock.elements_max_length,
        sdk.OverflowMenuElement.options_max_length,
        sdk.StaticSelectElement.options_max_length,
        sdk.SectionBlock.fields_max_length,
    ]


def kinds(base: type) -> set[str]:
    """The `type` of a class of the SDK and of all classes under it."""
    own = getattr(base, "type", None)
    found = {own} if isinstance(own, str) else set()
    children: list[type] = base.__subclasses__()
    return found.union(*map(kinds, children))


def test_every_element_of_the_sdk_is_known() -> None:
    """Nothing that the SDK can build is refused as unknown, but for what is no element of its own."""
    no_elements = {"url"} | kinds(sdk.RichTextElement)

    assert set() == kinds(sdk.BlockElement) - set(ELEMENTS) - no_elements
