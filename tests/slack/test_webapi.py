"""The Web API as the unmodified SDK meets it."""

import contextlib
import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.web.methods import METHODS
from tests.playground import Playground
from tests.slack.shapes import section

INCIDENTS = "C0INCIDENTS"


def refused(call: Callable[[], Any]) -> str:
    """The error code with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as error:
        call()
    return str(error.value.response["error"])


def with_scopes(*scopes: str) -> dict[str, Any]:
    """A manifest with these bot scopes."""
    return {**DEFAULT, "oauth_config": {"scopes": {"bot": list(scopes)}}}


def raw(slack: Playground, method: str, body: bytes, **headers: str) -> dict[str, Any]:
    """Call a method without the SDK."""
    request = Request(f"{slack.base_url}{method}", data=body, headers=headers)
    with urlopen(request) as response:
        return dict(json.load(response))


def test_a_posted_message_is_returned_and_seen(slack: Playground, client: WebClient) -> None:
    """chat.postMessage returns channel, ts and message, and people see it."""
    answer = client.chat_postMessage(channel=INCIDENTS, text="hello")

    assert [("hello", answer["ts"])] == [(m["text"], m["ts"]) for m in slack.messages("incidents")]
    assert (INCIDENTS, "U0NETCHECK") == (answer["channel"], answer["message"]["user"])


@pytest.mark.parametrize("channel", ["#incidents", "incidents", INCIDENTS])
def test_a_channel_is_found_by_id_and_name(slack: Playground, client: WebClient, channel: str) -> None:
    """chat.postMessage takes IDs and names."""
    client.chat_postMessage(channel=channel, text="x")

    assert 1 == len(slack.messages("incidents"))


def test_posting_to_a_person_opens_the_direct_conversation(client: WebClient) -> None:
    """A user ID as channel leads to the direct conversation."""
    answer = client.chat_postMessage(channel="U0ONCALL", text="x")

    assert "D0ONCALL" == answer["channel"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
        ({"channel": INCIDENTS}, "no_text"),
        ({"channel": INCIDENTS, "text": "  "}, "no_text"),
        ({"channel": INCIDENTS, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": INCIDENTS, "text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"channel": INCIDENTS, "text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"channel": INCIDENTS, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": INCIDENTS, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": INCIDENTS, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument")
def test_what_slack_refuses_is_refused(client: WebClient, arguments: dict[str, Any], code: str) -> None:
    """Each mistake in a message has Slack's own error code."""
    assert code == refused(lambda: client.chat_postMessage(**arguments))


def test_invalid_blocks_say_where(client: WebClient) -> None:
    """The answer to invalid blocks points to the place in the JSON."""
    with pytest.raises(SlackApiError) as error:
        client.chat_postMessage(channel=INCIDENTS, text="x", blocks=[section("")])

    expected = ["[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"]
    assert expected == error.value.response["response_metadata"]["messages"]


def test_an_update_changes_the_message_in_place(slack: Playground, client: WebClient) -> None:
    """chat.update changes the same message; with blocks people see no "(edited)", with text alone they do."""
    posted = client.chat_postMessage(channel=INCIDENTS, text="a")
    client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="b", blocks=[section("b")])
    with_blocks = slack.messages("incidents")
    client.chat_update(channel=INCIDENTS, ts=posted["ts"], text="c")
    without = slack.messages("incidents")

    assert [("b", False, True)] == [(m["text"], "edited" in m, "blocks" in m) for m in with_blocks]
    assert [("c", True, False)] == [(m["text"], "edited" in m, "blocks" in m) for m in without]


def test_an_update_has_limits_of_its_own(slack: Playground, client: WebClient) -> None:
    """chat.update wants an ID, 4000 characters at most, an existing message, and one of the bot's own."""
    ours = client.chat_postMessage(channel=INCIDENTS, text="a")["ts"]
    theirs = slack.post("on-call", "incidents", "mine")["ts"]
    quiet = client.chat_postEphemeral(channel=INCIDENTS, user="U0ONCALL", text="x")["message_ts"]

    assert "channel_not_found" == refused(lambda: client.chat_update(channel="#incidents", ts=ours, text="x"))
    assert "msg_too_long" == refused(lambda: client.chat_update(channel=INCIDENTS, ts=ours, text="x" * 4001))
    assert "message_not_found" == refused(lambda: client.chat_update(channel=INCIDENTS, ts="1.000001", text="x"))
    assert "message_not_found" == refused(lambda: client.chat_update(channel=INCIDENTS, ts=quiet, text="x"))
    assert "cant_update_message" == refused(lambda: client.chat_update(channel=INCIDENTS, ts=theirs, text="x"))


def test_a_message_of_the_bot_can_be_deleted(slack: Playground, client: WebClient) -> None:
    """chat.delete removes the bot's own message and no other."""
    ours = client.chat_postMessage(channel=INCIDENTS, text="a")["ts"]
    theirs = slack.post("on-call", "incidents", "mine")["ts"]
    client.chat_delete(channel=INCIDENTS, ts=ours)

    assert "cant_delete_message" == refused(lambda: client.chat_delete(channel=INCIDENTS, ts=theirs))
    assert ["mine"] == [m["text"] for m in slack.messages("incidents")]


def test_an_ephemeral_message_is_seen_by_one_person(slack: Playground, client: WebClient) -> None:
    """chat.postEphemeral shows a message to one person, who must be in the channel."""
    client.chat_postEphemeral(channel=INCIDENTS, user="U0ONCALL", text="psst")

    assert (["psst"], [], []) == (
        [m["text"] for m in slack.ephemerals("on-call")],
        slack.ephemerals("platform"),
        slack.messages("incidents"),
    )
    assert "user_not_in_channel" == refused(
        lambda: client.chat_postEphemeral(channel="C0VMWARE", user="U0ONCALL", text="x")
    )


def test_metadata_comes_back_from_the_history() -> None:
    """Message metadata is kept, and sent along where it is asked for."""
    metadata = {"event_type": "run", "event_payload": {"id": "r-1"}}
    with Playground(manifest=with_scopes("chat:write", "channels:history")) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        client.chat_postMessage(channel=INCIDENTS, text="x", metadata=metadata)
        asked = client.conversations_history(channel=INCIDENTS, include_all_metadata=True)["messages"]
        not_asked = client.conversations_history(channel=INCIDENTS)["messages"]

    assert [metadata] == [m["metadata"] for m in asked]
    assert [False] == ["metadata" in m for m in not_asked]


def test_history_and_replies_are_paged_as_in_slack() -> None:
    """The history is newest first and without replies; a thread is oldest first and starts with its message."""
    with Playground(manifest=with_scopes("chat:write", "channels:history")) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        first = slack.post("on-call", "incidents", "1")["ts"]
        for text in ("1a", "1b"):
            slack.post("platform", "incidents", text, thread_ts=first)
        slack.post("on-call", "incidents", "2")
        page = client.conversations_history(channel=INCIDENTS, limit=1)
        rest = client.conversations_history(channel=INCIDENTS, cursor=page["response_metadata"]["next_cursor"])
        since = client.conversations_history(channel=INCIDENTS, oldest=first)
        thread = client.conversations_replies(channel=INCIDENTS, ts=first)

        assert "thread_not_found" == refused(lambda: client.conversations_replies(channel=INCIDENTS, ts="1.0"))

    assert (["2"], True) == ([m["text"] for m in page["messages"]], page["has_more"])
    assert [("1", 2)] == [(m["text"], m["reply_count"]) for m in rest["messages"]]
    assert ["2"] == [m["text"] for m in since["messages"]]
    assert ["1", "1a", "1b"] == [m["text"] for m in thread["messages"]]


def test_a_private_channel_is_hidden_from_an_app_that_is_not_in_it(client: WebClient, slack: Playground) -> None:
    """What the app was not invited to does not exist for it."""
    slack._service.workspace.channel("vmware-admins").members.discard("U0NETCHECK")

    assert "channel_not_found" == refused(lambda: client.chat_postMessage(channel="C0VMWARE", text="x"))


READS: list[tuple[str, Callable[[WebClient], Any]]] = [
    ("channels:history", lambda client: client.conversations_history(channel=INCIDENTS)),
    ("groups:history", lambda client: client.conversations_history(channel="C0VMWARE")),
    ("channels:read", lambda client: client.conversations_info(channel=INCIDENTS)),
    ("channels:read", lambda client: client.conversations_list()),
    ("groups:read", lambda client: client.conversations_list(types="private_channel")),
    ("im:write", lambda client: client.conversations_open(users="U0ONCALL")),
    ("users:read", lambda client: client.users_info(user="U0ONCALL")),
    ("users:read", lambda client: client.users_list()),
    ("usergroups:read", lambda client: client.usergroups_users_list(usergroup="S0PLATFORM")),
    ("team:read", lambda client: client.team_info()),
    ("reactions:write", lambda client: client.reactions_add(name="eyes", channel=INCIDENTS, timestamp="1.0")),
    ("files:write", lambda client: client.files_getUploadURLExternal(filename="a", length=1)),
    ("chat:write", lambda client: client.chat_postMessage(channel=INCIDENTS, text="x")),
]


@pytest.mark.parametrize(("scope", "call"), READS, ids=[f"{row[0]}-{i}" for i, row in enumerate(READS)])
def test_each_method_needs_its_scope(scope: str, call: Callable[[WebClient], Any]) -> None:
    """Without the scope the answer names the one that is missing; with it the call is let in."""
    with Playground(manifest=with_scopes("commands")) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        with pytest.raises(SlackApiError) as error:
            call(client)
    with Playground(manifest=with_scopes(scope)) as slack:
        with contextlib.suppress(SlackApiError):
            call(WebClient(slack.bot_token, base_url=slack.base_url))
        let_in = [c.error for c in slack.calls if c.error not in {"", "message_not_found"}]

    assert ("missing_scope", scope, "commands") == tuple(
        error.value.response[key] for key in ("error", "needed", "provided")
    )
    assert [] == let_in


def test_a_user_group_says_who_is_in_it() -> None:
    """One that is disabled only when that is asked for; one that is not named is one that does not exist."""
    with Playground(manifest=with_scopes("usergroups:read")) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        there = client.usergroups_users_list(usergroup="S0PLATFORM")["users"]
        slack.set_members("S0PLATFORM", ["developer"])
        changed = client.usergroups_users_list(usergroup="S0PLATFORM")["users"]
        slack.disable_usergroup("S0PLATFORM")
        disabled = client.usergroups_users_list(usergroup="S0PLATFORM", include_disabled=True)["users"]
        codes = [_refused_group(client, name) for name in ("S0PLATFORM", "S9", "")]

    assert (["U0PLATFORM", "U0ONCALL"], ["U0DEVELOPER"], ["U0DEVELOPER"]) == (there, changed, disabled)
    assert ["no_such_subteam"] * 3 == codes


def _refused_group(client: WebClient, name: str) -> str:
    return refused(lambda: client.usergroups_users_list(usergroup=name))


def test_an_email_address_needs_a_scope_of_its_own() -> None:
    """users:read alone does not show addresses."""
    seen = []
    for scopes in (["users:read"], ["users:read", "users:read.email"]):
        with Playground(manifest=with_scopes(*scopes)) as slack:
            client = WebClient(slack.bot_token, base_url=slack.base_url)
            seen.append("email" in client.users_info(user="U0ONCALL")["user"]["profile"])

    assert [False, True] == seen


@pytest.mark.parametrize(
    ("token", "method", "code"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("app", "auth.test", "not_allowed_token_type"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("bot", "chat.shout", "unknown_method"),
    ],
)
def test_the_right_token_is_needed(slack: Playground, token: str, method: str, code: str) -> None:
    """Bot methods take the bot's token, apps.connections.open the app's."""
    shown = {"app": slack.app_token, "bot": slack.bot_token}.get(token, token)
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}

    assert code == raw(slack, method, b"", **headers)["error"]


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_token_is_refused_by_every_method(slack: Playground, method: str) -> None:
    """Whatever is called, a token that Slack never issued is invalid_auth, and says nothing of scopes."""
    request = Request(f"{slack.base_url}{method}", b"", {"Authorization": "Bearer xoxb-wrong"})
    with urlopen(request) as response:
        answer, headers = json.load(response), response.headers

    assert ({"ok": False, "error": "invalid_auth"}, None) == (answer, headers["x-oauth-scopes"])


def test_bytes_that_are_no_text_are_refused(slack: Playground) -> None:
    """Invalid UTF-8 and bottomless nesting have Slack's codes, and end nothing."""
    bearer, kinds = {"Authorization": f"Bearer {slack.bot_token}"}, {"Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    for body in (b'"\xff"', b"[" * 100_000):
        assert "invalid_json" == raw(slack, "chat.postMessage", body, **bearer, **kinds)["error"]
    assert "invalid_form_data" == raw(slack, "chat.postMessage", b"text=\xff", **bearer, **form)["error"]


def test_forms_and_json_are_understood(slack: Playground) -> None:
    """Arguments may come as a form with the token in it, or as JSON; anything else is named."""
    form = urlencode({"token": slack.bot_token, "channel": INCIDENTS, "blocks": json.dumps([section("x")])})
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    as_json = json.dumps({"channel": INCIDENTS, "blocks": [section("x")]}).encode()
    kinds = {"Content-Type": "application/json"}

    assert raw(slack, "chat.postMessage", form.encode())["ok"]
    assert raw(slack, "chat.postMessage", as_json, **bearer, **kinds)["ok"]
    assert "invalid_json" == raw(slack, "chat.postMessage", b"{", **bearer, **kinds)["error"]
    assert "json_not_object" == raw(slack, "chat.postMessage", b"[]", **bearer, **kinds)["error"]
    wrong = {"Content-Type": "application/xml"}
    assert "invalid_post_type" == raw(slack, "chat.postMessage", b"<a/>", **bearer, **wrong)["error"]


def test_a_missing_argument_is_named(slack: Playground) -> None:
    """A call without a required argument has the code that Slack gives for it."""
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}

    assert "channel_not_found" == raw(slack, "chat.postMessage", b"text=x", **bearer)["error"]
    assert "invalid_arguments" == raw(slack, "views.open", b"view={}", **bearer)["error"]


def test_auth_test_says_who_the_bot_is(client: WebClient) -> None:
    """auth.test gives team, user and bot, and the scopes as a header."""
    answer = client.auth_test()

    assert ("T0PLAYGROUND", "U0NETCHECK", "B0PLAYGROUND") == tuple(answer[k] for k in ("team_id", "user_id", "bot_id"))
    assert "chat:write,commands,files:write" == answer.headers["x-oauth-scopes"]


def test_a_reaction_is_added_once() -> None:
    """reactions.add counts each user once."""
    with Playground(manifest=with_scopes("reactions:write")) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        ts = slack.post("on-call", "incidents", "x")["ts"]
        where = {"name": "eyes", "channel": INCIDENTS, "timestamp": ts}
        client.reactions_add(**where)

        assert "already_reacted" == refused(lambda: client.reactions_add(**where))
        assert [{"name": "eyes", "users": ["U0NETCHECK"], "count": 1}] == slack.messages("incidents")[0]["reactions"]


def test_a_permalink_leads_to_the_page(slack: Playground, client: WebClient) -> None:
    """chat.getPermalink gives the address of the message on the page."""
    ts = client.chat_postMessage(channel=INCIDENTS, text="x")["ts"]

    link = client.chat_getPermalink(channel=INCIDENTS, message_ts=ts)["permalink"]
    assert f"{slack.page_url}#{INCIDENTS}/{ts}" == link


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("incidents", "name_taken"),
        ("Upper", "invalid_name_specials"),
        ("with space", "invalid_name_specials"),
        ("---", "invalid_name_punctuation"),
        ("x" * 81, "invalid_name_maxlength"),
    ],
)
def test_a_channel_needs_a_name_of_slacks(name: str, expected: str) -> None:
    """Lower case, digits, hyphens and underscores, eighty at most, and no other channel's."""
    with Playground(manifest=with_scopes("channels:manage")) as slack:
        client = WebClient(slack.bot_token, slack.base_url)
        assert expected == refused(lambda: client.conversations_create(name=name))


def test_people_are_invited_once() -> None:
    """Whoever made the channel is in it; others are after an invitation, and no second time."""
    with Playground(manifest=with_scopes("channels:manage")) as slack:
        client = WebClient(slack.bot_token, slack.base_url)
        made = client.conversations_create(name="netcheck-prod-7f3a")["channel"]
        invited = client.conversations_invite(channel=made["id"], users="U0ONCALL")["channel"]
        assert (1, 2) == (made["num_members"], invited["num_members"])
        again = {"channel": made["id"], "users": "U0ONCALL"}
        assert "already_in_channel" == refused(lambda: client.conversations_invite(**again))
        assert "user_not_found" == refused(lambda: client.conversations_invite(**{**again, "users": "U0NOBODY"}))


def test_api_test_echoes(client: WebClient) -> None:
    """api.test returns what it was given, or the error asked for."""
    assert "bar" == client.api_test(foo="bar")["args"]["foo"]
    assert "my_error" == refused(lambda: client.api_test(error="my_error"))


def test_every_method_of_the_table_is_slacks_own() -> None:
    """The stand-in invents no method: the SDK has a function for each."""
    names = {name.replace(".", "_") for name in METHODS}

    assert set() == {name for name in names if not hasattr(WebClient, name)}


def test_a_huge_request_is_refused(slack: Playground) -> None:
    """A body above the limit ends in 413 and not in memory."""
    with pytest.raises(HTTPError) as error:
        raw(slack, "chat.postMessage", b"text=" + b"x" * (9 * 2**20), Authorization=f"Bearer {slack.bot_token}")

    assert 413 == error.value.code
