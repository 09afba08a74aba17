"""What people do with messages, shortcuts and modals, and what the bot gets."""

import contextlib
import functools
import re
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.refusal import Refusal
from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.settings import Settings
from tests.playground import Playground
from tests.slack.conftest import PATIENT, Connect
from tests.slack.shapes import actions, asking, button, modal, option, plain, section, select

Bodies = list[dict[str, Any]]


def collecting(app: App) -> Bodies:
    """Have an app acknowledge all actions; returns the list that payloads are added to."""
    bodies: Bodies = []

    def take(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        ack()

    app.action(re.compile(".*"))(take)
    return bodies


def posted(slack: Playground, client: WebClient, *blocks: dict[str, Any]) -> dict[str, Any]:
    """Post blocks to #incidents; returns the message as people see it."""
    client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=list(blocks))
    return slack.messages("incidents")[-1]


@pytest.fixture
def bodies(slack: Playground, app: App, connect: Connect) -> Bodies:
    """Connect an app that acknowledges all actions; returns the payloads it gets."""
    seen = collecting(app)
    connect(slack, app)
    return seen


def test_a_button_sends_its_value_and_message(slack: Playground, client: WebClient, bodies: Bodies) -> None:
    """A press carries who, where, the message, the value and a fresh trigger and response_url."""
    message = posted(slack, client, actions(button("go", value="run-1"), block_id="row"))
    slack.press("platform", message, "go")

    action = bodies[0]["actions"][0]
    assert ("go", "row", "run-1", "button") == tuple(action[k] for k in ("action_id", "block_id", "value", "type"))
    assert ("U0PLATFORM", "C0INCIDENTS", message["ts"]) == (
        bodies[0]["user"]["id"],
        bodies[0]["channel"]["id"],
        bodies[0]["message"]["ts"],
    )
    assert bodies[0]["response_url"].startswith(slack.page_url)


def test_a_press_on_an_ephemeral_message_has_no_message(slack: Playground, client: WebClient, bodies: Bodies) -> None:
    """As in Slack the payload then lacks the message, and nobody else can press."""
    client.chat_postEphemeral(channel="C0INCIDENTS", user="U0ONCALL", text="x", blocks=[actions(button("go"))])
    message = slack.ephemerals("on-call")[0]
    slack.press("on-call", message, "go")

    assert ("message" in bodies[0], bodies[0]["container"]["is_ephemeral"]) == (False, True)
    with pytest.raises(Refusal, match="message_not_found"):
        slack.press("platform", message, "go")


def test_a_select_sends_the_option_and_keeps_it(slack: Playground, client: WebClient, bodies: Bodies) -> None:
    """The chosen option is in the action and in the state of later actions; others cannot be chosen."""
    message = posted(slack, client, actions(select("node", "w1", "w2"), button("go"), block_id="row"))
    slack.press("on-call", message, "node", "w2")
    slack.press("on-call", message, "go")

    assert option("w2") == bodies[0]["actions"][0]["selected_option"]
    expected = {"row": {"node": {"type": "static_select", "selected_option": option("w2")}}}
    assert expected == bodies[1]["state"]["values"]
    with pytest.raises(Refusal, match="no_such_option"):
        slack.press("on-call", message, "node", "w9")


Control = tuple[dict[str, Any], Any, dict[str, Any]]
CONTROLS: list[Control] = [
    ({"type": "overflow", "options": [option("a")]}, "a", {"selected_option": option("a")}),
    (
        {"type": "multi_static_select", "options": [option("a"), option("b")]},
        ["b"],
        {"selected_options": [option("b")]},
    ),
    ({"type": "checkboxes", "options": [option("a")]}, ["a"], {"selected_options": [option("a")]}),
    ({"type": "radio_buttons", "options": [option("a")]}, "a", {"selected_option": option("a")}),
    ({"type": "users_select"}, "U0ONCALL", {"selected_user": "U0ONCALL"}),
    ({"type": "multi_users_select"}, ["U0ONCALL"], {"selected_users": ["U0ONCALL"]}),
    ({"type": "channels_select"}, "C0PLATFORM", {"selected_channel": "C0PLATFORM"}),
    ({"type": "conversations_select"}, "C0PLATFORM", {"selected_conversation": "C0PLATFORM"}),
    ({"type": "datepicker"}, "2030-01-02", {"selected_date": "2030-01-02"}),
    ({"type": "timepicker"}, "10:30", {"selected_time": "10:30"}),
    ({"type": "datetimepicker"}, 1_900_000_000, {"selected_date_time": 1_900_000_000}),
]


@pytest.mark.parametrize("control", CONTROLS, ids=[row[0]["type"] for row in CONTROLS])
def test_each_control_has_its_own_key(slack: Playground, client: WebClient, bodies: Bodies, control: Control) -> None:
    """What was chosen comes under the key that Slack uses for the kind of element."""
    element, value, expected = control
    message = posted(slack, client, actions({**element, "action_id": "it"}))
    slack.press("on-call", message, "it", value)

    assert expected == {key: bodies[0]["actions"][0].get(key) for key in expected}


def test_generated_ids_can_be_pressed(slack: Playground, client: WebClient, bodies: Bodies) -> None:
    """Blocks and elements without IDs get some, as in Slack."""
    element = {"type": "button", "text": plain("x"), "value": "v"}
    message = posted(slack, client, {"type": "actions", "elements": [element]})
    generated = message["blocks"][0]["elements"][0]["action_id"]
    slack.press("on-call", message, generated)

    assert ("v", message["blocks"][0]["block_id"]) == tuple(bodies[0]["actions"][0][k] for k in ("value", "block_id"))


def test_a_button_that_is_gone_cannot_be_pressed(slack: Playground, client: WebClient) -> None:
    """Pressing what an update removed is an error of the test, not of the bot."""
    message = posted(slack, client, actions(button("go")))
    client.chat_update(channel="C0INCIDENTS", ts=message["ts"], text="done", blocks=[section("done")])

    with pytest.raises(Refusal, match="no_such_action"):
        slack.press("on-call", message, "go")


def test_a_message_shortcut_carries_the_message(slack: Playground, app: App, connect: Connect) -> None:
    """The message is in the payload as it is stored: escaped."""
    bodies: Bodies = []

    @app.shortcut("diagnose_message")
    def take(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        ack()

    connect(slack, app)
    message = slack.post("on-call", "incidents", "failed calling webhook <x>")

    assert slack.shortcut("developer", "diagnose_message", message).ok
    assert ("failed calling webhook &lt;x&gt;", "U0DEVELOPER") == (
        bodies[0]["message"]["text"],
        bodies[0]["user"]["id"],
    )
    with pytest.raises(Refusal, match="no_such_shortcut"):
        slack.shortcut("developer", "something_else", message)


def test_typed_text_is_stored_as_slack_stores_it(slack: Playground) -> None:
    """Special characters are escaped, names that exist become mentions."""
    text = slack.post("on-call", "incidents", "<!channel> @platform and @here, mail a@b.c & so on")["text"]

    assert "&lt;!channel&gt; <@U0PLATFORM> and <!here>, mail a@b.c &amp; so on" == text


def opening(app: App, view: dict[str, Any]) -> None:
    """Have an app open a modal on the action `open`."""

    @app.action("open")
    def take(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)


def opened(slack: Playground, app: App, connect: Connect, view: dict[str, Any]) -> None:
    """Let the on-call engineer open a modal by a button."""
    opening(app, view)
    connect(slack, app)
    slack.press("on-call", posted(slack, app.client, actions(button("open"))), "open")
    slack.wait_for(lambda: slack.view("on-call"))


def test_a_submission_carries_all_inputs(slack: Playground, app: App, connect: Connect) -> None:
    """Values come by block and action; the modal closes when the bot says nothing else."""
    bodies: Bodies = []

    @app.view("m")
    def take(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        ack()

    node = {"type": "input", "block_id": "node", "label": plain("Node"), "element": select("pick", "w1", "w2")}
    rest = asking("note", optional=True)
    opened(slack, app, connect, modal(asking("why"), node, rest, callback_id="m", private_metadata="p"))
    slack.submit("on-call", {"why": {"text": "because"}, "node": {"pick": "w2"}})

    expected = {
        "why": {"text": {"type": "plain_text_input", "value": "because"}},
        "node": {"pick": {"type": "static_select", "selected_option": option("w2")}},
        "note": {"text": {"type": "plain_text_input", "value": None}},
    }
    assert (expected, "p") == (bodies[0]["view"]["state"]["values"], bodies[0]["view"]["private_metadata"])
    assert slack.view("on-call") is None


def test_a_required_input_is_asked_for_before_anything_is_sent(slack: Playground, app: App, connect: Connect) -> None:
    """Slack itself complains about what was left out."""
    opened(slack, app, connect, modal(asking("why"), callback_id="m"))
    before = len(slack.deliveries)
    slack.submit("on-call")

    assert ({"why": "Please complete this required field."}, before) == (
        (slack.view("on-call") or {})["errors"],
        len(slack.deliveries),
    )


ANSWERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"response_action": "clear"}, []),
    ({"response_action": "update", "view": modal(section("b"), title=plain("Updated"))}, ["Updated"]),
    ({"response_action": "push", "view": modal(section("b"), title=plain("Pushed"))}, ["Title", "Pushed"]),
]


@pytest.mark.parametrize(("answer", "titles"), ANSWERS, ids=["nothing", "clear", "update", "push"])
def test_the_answer_to_a_submission_is_followed(
    slack: Playground, app: App, connect: Connect, answer: dict[str, Any], titles: list[str]
) -> None:
    """The bot may close, clear, update or push."""
    app.view("m")(lambda ack: ack(**answer))
    opened(slack, app, connect, modal(section("a"), callback_id="m"))
    slack.submit("on-call")
    seen = []
    while view := slack.view("on-call"):
        seen.append(view["title"]["text"])
        slack.close_view("on-call")

    assert titles == seen[::-1]


def test_a_submission_that_is_not_acknowledged_shows_trouble(connect: Connect) -> None:
    """The modal stays open and says that there was trouble."""
    with Playground(settings=Settings(ack_s=0.1)) as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.base_url))
        opened(slack, app, connect, modal(section("a"), callback_id="nobody_listens"))
        slack.submit("on-call")

        assert "We had some trouble connecting. Try again?" == (slack.view("on-call") or {})["trouble"]


def test_closing_is_reported_where_asked_for(slack: Playground, app: App, connect: Connect) -> None:
    """view_closed comes for a view with notify_on_close."""
    bodies: Bodies = []

    @app.view_closed("m")
    def take(ack: Any, body: dict[str, Any]) -> None:
        bodies.append(body)
        ack()

    opened(slack, app, connect, modal(section("a"), callback_id="m", notify_on_close=True))
    slack.close_view("on-call")

    assert ["view_closed"] == [body["type"] for body in bodies]


def test_a_view_is_updated_by_id_unless_it_changed(slack: Playground, app: App, connect: Connect) -> None:
    """views.update replaces a view; an old hash, or an unknown ID, is refused."""
    opened(slack, app, connect, modal(section("loading")))
    view = slack.view("on-call") or {}
    client: WebClient = app.client
    client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("loaded")))

    assert "loaded" == (slack.view("on-call") or {})["blocks"][0]["text"]["text"]
    for arguments, code in (
        ({"view_id": view["id"], "hash": view["hash"]}, "hash_conflict"),
        ({"view_id": "V1"}, "not_found"),
    ):
        with pytest.raises(SlackApiError) as error:
            client.views_update(**arguments, view=modal(section("x")))
        assert code == error.value.response["error"]


def test_modals_stack_three_high(slack: Playground, app: App, connect: Connect) -> None:
    """A third push is one too many, and a trigger from a message pushes nothing."""

    @app.action("push")
    def push(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        with contextlib.suppress(SlackApiError):
            client.views_push(trigger_id=body["trigger_id"], view=modal(actions(button("push"))))

    def pushes(count: int) -> bool:
        return len(slack.calls_of("views.push")) == count

    opened(slack, app, connect, modal(actions(button("push"))))
    slack.press("on-call", posted(slack, app.client, actions(button("push"))), "push")
    for number in range(3):
        slack.press_in_view("on-call", "push")
        slack.wait_for(functools.partial(pushes, number + 2))

    assert ["not_found", "push_limit_reached"] == [call.error for call in slack.refusals]


def test_home_is_published_and_used() -> None:
    """A home view is shown to one person, when the manifest has a home tab."""
    home = {"type": "home", "blocks": [actions(button("refresh"))]}
    features = {**DEFAULT["features"], "app_home": {"home_tab_enabled": True}}
    with Playground(manifest={**DEFAULT, "features": features}) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        client.views_publish(user_id="U0ONCALL", view=home)
        outcome = slack.press_in_view("on-call", "refresh")

        assert ("dispatch_failed", "home") == (outcome.error, (slack.home("on-call") or {})["type"])
        assert slack.home("platform") is None


def declaring(*entries: dict[str, str]) -> dict[str, Any]:
    """A manifest with further shortcuts."""
    shortcuts = [*DEFAULT["features"]["shortcuts"], *({"description": "x", **entry} for entry in entries)]
    return {**DEFAULT, "features": {**DEFAULT["features"], "shortcuts": shortcuts}}


OLD = {"name": "Old one", "type": "message", "callback_id": "old"}
EVERYWHERE = {"name": "New incident", "type": "global", "callback_id": "incident"}


def test_every_shortcut_of_the_manifest_can_be_used(connect: Connect) -> None:
    """Whatever is declared reaches the bot; a global one carries no channel."""
    with Playground(manifest=declaring(OLD, EVERYWHERE), settings=PATIENT) as slack:
        app, bodies = App(client=WebClient(slack.bot_token, base_url=slack.base_url)), []

        @app.shortcut(re.compile(""))
        def take(ack: Any, body: dict[str, Any]) -> None:
            bodies.append(body)
            ack()

        connect(slack, app)
        message = slack.post("on-call", "incidents", "x")
        outcomes = [slack.shortcut("on-call", "old", message).ok, slack.shortcut("on-call", "incident").ok]

        assert [True, True] == outcomes
        assert [("message_action", "old", True), ("shortcut", "incident", False)] == [
            (body["type"], body["callback_id"], "channel" in body) for body in bodies
        ]
        for callback_id, on in (("old", None), ("incident", message), ("other", message)):
            with pytest.raises(Refusal, match="no_such_shortcut"):
                slack.shortcut("on-call", callback_id, on)


def test_a_shortcut_that_nobody_takes_is_told_to_the_person(connect: Connect) -> None:
    """A bot that does not know it does not acknowledge; the person reads so, in the thread of the message."""
    with Playground(manifest=declaring(OLD, EVERYWHERE), settings=Settings(ack_s=0.3)) as slack:
        connect(slack, App(client=WebClient(slack.bot_token, base_url=slack.base_url)))
        first = slack.post("on-call", "incidents", "x")
        reply = slack.post("on-call", "incidents", "y", thread_ts=first["ts"])
        slack.shortcut("platform", "old", reply)
        slack.shortcut("platform", "incident")

        expected = [
            ('Old one failed with the error "operation_timeout"', "C0INCIDENTS", first["ts"]),
            ('New incident failed with the error "operation_timeout"', slack.direct("platform"), None),
        ]
        told = [(m["text"], m["channel"], m.get("thread_ts")) for m in slack.ephemerals("platform")]
        assert expected == told


def test_a_button_and_a_modal_that_nobody_knows_are_timeouts(connect: Connect) -> None:
    """What a former version left behind can be pressed and submitted; without an answer it failed."""
    with Playground(settings=Settings(ack_s=0.3)) as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.base_url))
        connect(slack, app)
        message = posted(slack, app.client, actions(button("old")))
        slack.show_modal("on-call", modal(asking("why"), callback_id="old"))

        assert "operation_timeout" == slack.press("on-call", message, "old").error
        assert "operation_timeout" == slack.submit("on-call", {"why": {"text": "x"}}).error
        assert "We had some trouble connecting. Try again?" == (slack.view("on-call") or {})["trouble"]


def test_without_interactivity_nothing_that_is_pressed_arrives(connect: Connect) -> None:
    """Where the manifest switches interactivity off, Slack sends no presses; commands still come."""
    manifest = {**DEFAULT, "settings": {"socket_mode_enabled": True}}
    with Playground(manifest=manifest, settings=PATIENT) as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.base_url))
        bodies = collecting(app)
        app.command("/netcheck")(lambda ack: ack())
        connect(slack, app)
        outcome = slack.press("on-call", posted(slack, app.client, actions(button("go"))), "go")

        assert ("dispatch_failed", []) == (outcome.error, bodies)
        assert slack.command("on-call", "incidents", "/netcheck").ok


@pytest.mark.parametrize(
    ("should_escape", "text"),
    [
        (True, "assign <@U0PLATFORM|platform> in <#C0GENERAL|general> a@b @nobody &lt;x&gt;"),
        (False, "assign @platform in #general a@b @nobody &lt;x&gt;"),
    ],
)
def test_a_command_names_people_as_its_manifest_asks(*, should_escape: bool, text: str) -> None:
    """By id with `should_escape`, as they were typed without it."""
    command = {**DEFAULT["features"]["slash_commands"][0], "should_escape": should_escape}
    manifest = {**DEFAULT, "features": {**DEFAULT["features"], "slash_commands": [command]}}
    with Playground(manifest=manifest) as slack:
        slack.command("on-call", "incidents", "/netcheck assign @platform in #general a@b @nobody <x>")
        sent = slack.deliveries[-1].envelope.payload["text"]

    assert text == sent
