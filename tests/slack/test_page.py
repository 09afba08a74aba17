"""The page in a real Chromium, driven by role and label as a person would use it."""

import base64
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.pictures.render import rendered
from bot.pictures.timeline import timeline_of
from bot.playground.blockkit.blocks import SURFACES
from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.settings import Settings
from tests.bot.pictures.shown import closed
from tests.playground import Playground
from tests.slack.conftest import Connect
from tests.slack.shapes import actions, asking, button, modal, mrkdwn, option, plain, section, select
from tests.slack.test_blocks import VALID

INCIDENTS = "C0INCIDENTS"
HANDLERS = Path(__file__).parents[2] / "handlers"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""
HOSTILE = "<img src=x onerror=document.title='owned'> &lt;script&gt;alert(1)&lt;/script&gt; &lt;!channel&gt;"


def type_text(page: Page, text: str) -> None:
    """Type into the composer and send."""
    box = page.get_by_role("textbox", name=re.compile("^Message "))
    box.fill(text)
    box.press("Enter")


def post(client: WebClient, *blocks: dict[str, Any], text: str = "x", **further: Any) -> str:
    """Post to #incidents; returns the ts."""
    return str(client.chat_postMessage(channel=INCIDENTS, text=text, blocks=list(blocks), **further)["ts"])


def taking(app: App, *action_ids: str) -> list[tuple[str, Any]]:
    """Have an app acknowledge actions; returns the list that action and value are added to."""
    seen: list[tuple[str, Any]] = []

    def take(ack: Any, action: dict[str, Any]) -> None:
        chosen = action.get("selected_option") or {}
        seen.append((action["action_id"], action.get("value") or chosen.get("value")))
        ack()

    for action_id in action_ids:
        app.action(action_id)(take)
    return seen


def test_the_page_says_what_it_is(page: Page) -> None:
    """A banner says that this is no Slack, and whether the bot is there."""
    expect(page.get_by_role("note")).to_contain_text("This page stands in for Slack")
    expect(page.get_by_role("note")).to_contain_text("The bot is not connected.")
    expect(page).to_have_title("netcheck playground")


def test_a_command_typed_in_the_composer_is_answered(page: Page, slack: Playground, app: App, connect: Connect) -> None:
    """Enter sends the command to the bot; the answer appears without reloading, for this person only."""

    @app.command("/netcheck")
    def take(ack: Any, body: dict[str, Any]) -> None:
        ack(f"working on *{body['text']}*")

    connect(slack, app)
    expect(page.get_by_role("note")).to_contain_text("The bot is connected.")
    type_text(page, "/netcheck diagnose")

    message = page.get_by_role("article").filter(has_text="working on diagnose")
    expect(message).to_contain_text("Only visible to you")
    expect(message.get_by_text("diagnose", exact=True)).to_have_css("font-weight", "700")
    page.get_by_label("Acting as").select_option("Platform engineer")
    expect(page.get_by_role("article")).to_have_count(0)


def test_whoever_writes_sees_what_comes_of_it(page: Page, client: WebClient) -> None:
    """Sending scrolls down to the newest message, also for somebody who was reading far above."""
    post(client, text="\n".join(["a long story"] * 80))
    expect(page.get_by_role("article")).to_contain_text("a long story")
    page.locator("#messages").evaluate("list => { list.scrollTop = 0; }")

    type_text(page, "what I wrote")

    expect(page.get_by_role("article").filter(has_text="what I wrote")).to_be_in_viewport()


def test_the_composer_offers_the_commands_of_the_manifest(page: Page) -> None:
    """A slash shows the commands and their hints; choosing one fills it in."""
    page.get_by_role("textbox", name="Message #incidents").fill("/n")
    page.get_by_role("button", name="/netcheck diagnose | run CHECK").click()

    expect(page.get_by_role("textbox", name="Message #incidents")).to_have_value("/netcheck ")


def test_a_slash_offers_global_shortcuts_too(chromium: Browser) -> None:
    """A global shortcut is chosen where commands are, and its failure is told in the channel that is open."""
    entry = {"name": "New incident", "type": "global", "callback_id": "incident", "description": "x"}
    features = {**DEFAULT["features"], "shortcuts": [entry]}
    with Playground(manifest={**DEFAULT, "features": features}) as slack:
        page = chromium.new_page()
        page.goto(slack.page_url)
        page.get_by_role("textbox", name="Message #incidents").fill("/")
        page.get_by_role("button", name="New incident").click()

        expect(page.get_by_role("article")).to_contain_text('New incident failed with the error "dispatch_failed"')
        expect(page.get_by_role("textbox", name="Message #incidents")).to_have_value("")
        page.close()


def test_people_write_to_the_bot_and_mention_it(chromium: Browser) -> None:
    """What one person writes in the app's own conversation and another in a channel reaches the bot as an event."""
    events = {"event_subscriptions": {"bot_events": ["message.im", "app_mention"]}}
    scopes = {"scopes": {"bot": ["im:history", "app_mentions:read"]}}
    installed = {**DEFAULT, "oauth_config": scopes, "settings": {**DEFAULT["settings"], **events}}
    with Playground(manifest=installed, settings=Settings(event_retry_s=())) as slack:
        page = chromium.new_page()
        page.goto(slack.page_url)
        page.get_by_role("navigation", name="Apps").get_by_role("link", name="netcheck").click()
        type_text(page, "help")
        slack.wait_for(lambda: len(slack.deliveries) == 1)
        page.get_by_label("Acting as").select_option("Platform engineer")
        page.get_by_role("link", name="# incidents").click()
        expect(page.get_by_role("heading", name="# incidents")).to_be_visible()
        type_text(page, "@netcheck status")
        slack.wait_for(lambda: len(slack.deliveries) == 2)
        page.close()

        expected = [("message", "U0ONCALL", "help"), ("app_mention", "U0PLATFORM", "<@U0NETCHECK> status")]
        heard = [delivery.envelope.payload["event"] for delivery in slack.deliveries]
        assert expected == [(event["type"], event["user"], event["text"]) for event in heard]


def test_a_failed_command_tells_the_person(page: Page) -> None:
    """Without a bot the page shows Slack's own words."""
    type_text(page, "/netcheck help")

    expect(page.get_by_role("article")).to_contain_text('/netcheck failed with the error "dispatch_failed"')


def test_a_message_is_posted_as_the_chosen_person(page: Page, slack: Playground) -> None:
    """Anything without a slash is a message of the person acted as."""
    page.get_by_label("Acting as").select_option("Application developer")
    type_text(page, "MetalLB is broken")

    expect(page.get_by_role("article", name=re.compile("Application developer"))).to_contain_text("MetalLB is broken")
    assert ["U0DEVELOPER"] == [m["user"] for m in slack.messages("incidents")]


def test_an_update_is_seen_in_place(page: Page, client: WebClient) -> None:
    """An edited message changes where it is, and says so when it is text."""
    ts = post(client, text="started")
    message = page.locator(f"article[data-ts='{ts}']")
    expect(message).to_contain_text("started")
    client.chat_update(channel=INCIDENTS, ts=ts, text="finished")

    expect(message).to_contain_text("finished")
    expect(message).to_contain_text("(edited)")
    expect(page.get_by_role("article")).to_have_count(1)


def test_a_button_acts_and_a_confirmation_is_asked_for(
    page: Page, slack: Playground, app: App, connect: Connect
) -> None:
    """A press reaches the bot; with a confirm object only after the person agreed."""
    confirm = {"title": plain("Sure?"), "text": mrkdwn("*Really*"), "confirm": plain("Do it"), "deny": plain("No")}
    seen = taking(app, "go", "stop")
    connect(slack, app)
    post(app.client, actions(button("go", "Go", value="1"), button("stop", "Stop", value="2", confirm=confirm)))
    page.get_by_role("button", name="Go").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog", name="Sure?").get_by_role("button", name="No").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("dialog", name="Sure?").get_by_role("button", name="Do it").click()
    slack.wait_for(lambda: len(slack.deliveries) == 2)

    assert [("go", "1"), ("stop", "2")] == seen


def test_selects_and_overflow_menus_choose(page: Page, slack: Playground, app: App, connect: Connect) -> None:
    """A select sends the option that was chosen, an overflow menu opens and sends as well, also by keyboard."""
    seen = taking(app, "node", "more")
    connect(slack, app)
    menu = {"type": "overflow", "action_id": "more", "options": [option("evidence"), option("bundle")]}
    post(app.client, actions(select("node", "w1", "w2", placeholder=plain("Node")), menu))
    page.get_by_role("combobox", name="Node").select_option("w2")
    page.get_by_role("button", name="More options").press("Enter")
    page.get_by_role("menu").press("ArrowDown")
    page.get_by_role("menuitem", name="bundle").press("Enter")
    slack.wait_for(lambda: len(slack.deliveries) == 2)

    assert [("node", "w2"), ("more", "bundle")] == seen


def test_a_button_without_answer_shows_a_warning(page: Page, client: WebClient) -> None:
    """Where the bot does not take a press, the person sees it at the button."""
    post(client, actions(button("go", "Go")))
    page.get_by_role("button", name="Go").click()

    expect(page.get_by_role("alert")).to_contain_text("the app did not respond")


def test_a_modal_is_filled_in_and_submitted(page: Page, slack: Playground, app: App, connect: Connect) -> None:
    """A modal shows inputs, complaints of Slack and of the bot, keeps what was typed, and closes."""
    node = {"type": "input", "block_id": "node", "label": plain("Node"), "element": select("pick", "w1", "w2")}
    values: list[Any] = []

    @app.action("open")
    def opened(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(asking("Reason"), node, callback_id="m"))

    @app.view("m")
    def submitted(ack: Any, view: dict[str, Any]) -> None:
        values.append(view["state"]["values"]["Reason"]["text"]["value"])
        ack(response_action="errors", errors={"Reason": "Say more."}) if len(values) == 1 else ack()

    connect(slack, app)
    post(app.client, actions(button("open", "Open")))
    page.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog", name="Title")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_role("alert")).to_have_count(2)
    dialog.get_by_role("textbox", name="Reason").fill("short")
    dialog.get_by_role("combobox", name="Node").select_option("w2")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog.get_by_role("alert")).to_have_text(["Say more."])
    expect(dialog.get_by_role("textbox", name="Reason")).to_have_value("short")
    expect(dialog.get_by_role("combobox", name="Node")).to_have_value("w2")
    dialog.get_by_role("textbox", name="Reason").fill("long enough")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_be_hidden()

    assert ["short", "long enough"] == values


def test_a_message_shortcut_is_in_the_menu_of_a_message(
    page: Page, slack: Playground, app: App, connect: Connect
) -> None:
    """The entry "Diagnose this message" sends the message to the bot, whose answer in the thread can be opened."""

    @app.shortcut("diagnose_message")
    def take(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.chat_postMessage(channel=INCIDENTS, thread_ts=body["message_ts"], text="looking at it")

    connect(slack, app)
    slack.post("developer", "incidents", "failed calling webhook")
    message = page.get_by_role("article")
    message.hover()
    message.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Diagnose this message").click()
    message.get_by_role("button", name="1 reply").click()

    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_role("article")).to_have_text([re.compile("failed calling"), re.compile("looking at it")])
    thread.get_by_role("textbox", name="Reply in thread").fill("thanks")
    thread.get_by_role("textbox", name="Reply in thread").press("Enter")
    expect(thread.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("log", name="Messages in incidents").get_by_role("article")).to_have_count(1)


def test_hostile_text_stays_text(page: Page, client: WebClient) -> None:
    """Markup in text, code, tables, Markdown and buttons is shown as it is and runs nothing."""
    cell = [{"type": "raw_text", "text": HOSTILE}]
    post(client, text=HOSTILE)
    post(
        client,
        {"type": "header", "text": plain(HOSTILE)},
        section(f"```{HOSTILE}```"),
        {"type": "markdown", "text": f"{HOSTILE} [x](javascript:alert(1))"},
        {"type": "table", "rows": [cell, cell]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}],
        },
        actions(button("b", HOSTILE[:75])),
        section("<javascript:alert(1)|press me>"),
    )
    expect(page.get_by_role("article")).to_have_count(2)

    assert (0, "netcheck playground") == (page.locator("article img[src=x], article script").count(), page.title())
    assert 0 == page.locator("a[href^='javascript']").count()
    assert 0 == page.locator(".ping").count()


def test_a_ping_stands_out(page: Page, client: WebClient) -> None:
    """What notifies a whole channel is shown as such, on the message and in its text."""
    post(client, text="look <!channel>")

    expect(page.locator("article[data-ping='true'] .ping")).to_have_text("@channel")


MARKUP = [
    ("*b* _i_ ~s~ `c`", "<strong>b</strong> <em>i</em> <s>s</s> <code>c</code>"),
    ("2*3*4 a_b_c snake_case_name", "2*3*4 a_b_c snake_case_name"),
    ("`*no*` &lt;b&gt; &amp;amp;", "<code>*no*</code> &lt;b&gt; &amp;amp;"),
    ("&gt; a\n&gt; b\nc", "<blockquote>a<br>b</blockquote>c"),
    ("a\n```\nx = *1*\n```\nb", 'a<pre tabindex="0">x = *1*</pre>b'),
    (
        "<!subteam^S0PLATFORM> <!subteam^S9|@gone>",
        '<span class="mention">@platform-team</span> <span class="mention">@gone</span>',
    ),
    ("<@U0PLATFORM> :warning: :no_such:", '<span class="mention" data-user="U0PLATFORM">@platform</span> ⚠️ :no_such:'),
]


@pytest.mark.parametrize(("text", "expected"), MARKUP)
def test_mrkdwn_is_drawn_as_in_slack(page: Page, client: WebClient, text: str, expected: str) -> None:
    """Slack's markup becomes elements, at the edges of words only."""
    post(client, text=text)
    drawn = page.locator("article .text")
    expect(drawn).to_have_count(1)

    assert expected == drawn.inner_html()


def test_every_emoji_that_the_bot_uses_is_known() -> None:
    """No `:name:` of the bot is left standing as text on the page."""
    source = "".join(path.read_text(encoding="utf-8") for path in HANDLERS.rglob("*.py"))
    known = files("bot.playground.page").joinpath("assets", "mrkdwn.js").read_text(encoding="utf-8")
    used = set(re.findall(r":([a-z][a-z_]+[a-z]):", source))

    assert used
    assert set() == {name for name in used if not re.search(rf"[ {{]{name}: ", known)}


def test_markdown_blocks_are_drawn(page: Page, client: WebClient) -> None:
    """Headings, lists, tables, code and links of a markdown block become elements."""
    text = (
        "# Head\n\n- one\n- **two**\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n```\ncode\n```\n[docs](https://example.org)"
    )
    post(client, {"type": "markdown", "text": text})
    block = page.locator("article .markdown")

    expect(block.locator(".heading")).to_have_text("Head")
    expect(block.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(block.get_by_role("cell")).to_have_text(["1", "2"])
    expect(block.locator("pre")).to_have_text("code")
    expect(block.get_by_role("link", name="docs")).to_have_attribute("href", "https://example.org")


def test_every_block_is_drawn(page: Page, client: WebClient) -> None:
    """The valid examples of all blocks of a message are drawn, without an error."""
    post(client, *(VALID[kind] for kind in SURFACES["message"]))
    expect(page.get_by_role("article")).to_have_count(1)
    drawn = page.locator("article [data-block]").evaluate_all("nodes => nodes.map((node) => node.dataset.block)")

    assert SURFACES["message"] == drawn


def test_channels_people_and_the_page_on_a_phone(chromium: Browser, slack: Playground, client: WebClient) -> None:
    """On a phone nothing is wider than the screen, and the channels are behind a button."""
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(slack.page_url)
    rows = [[{"type": "raw_text", "text": "a rather long cell " * 3}] * 4] * 2
    post(
        client,
        section("```" + "x" * 400 + "```"),
        {"type": "table", "rows": rows},
        actions(*(button(f"b{i}") for i in range(9))),
    )
    expect(page.get_by_role("article")).to_have_count(1)
    width = page.evaluate("document.documentElement.scrollWidth")
    inner = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#messages, #messages > *')].map((e) => e.scrollWidth))"
    )
    page.get_by_role("button", name="Channels").tap()
    page.get_by_role("link", name="# platform").tap()
    expect(page.get_by_role("heading", name="# platform")).to_be_visible()
    expect(page.get_by_role("navigation", name="Channels")).to_be_hidden()
    phone.close()

    assert (390, True) == (width, inner <= 390)


def test_new_messages_elsewhere_are_counted(page: Page, client: WebClient) -> None:
    """A channel with unseen messages says how many, until it is opened."""
    client.chat_postMessage(channel="C0PLATFORM", text="a")
    client.chat_postMessage(channel="C0PLATFORM", text="b")
    entry = page.get_by_role("link", name="# platform")
    expect(entry.get_by_label("2 new")).to_be_visible()
    entry.click()

    expect(entry.get_by_label("2 new")).to_be_hidden()
    expect(page.get_by_role("article")).to_have_count(2)


def test_a_private_channel_is_shown_to_its_members(page: Page) -> None:
    """The page shows each person the channels that they are in."""
    expect(page.get_by_role("link", name="# incidents")).to_be_visible()
    expect(page.get_by_role("link", name="vmware-admins")).to_be_hidden()
    page.get_by_label("Acting as").select_option("Virtualisation engineer")

    expect(page.get_by_role("link", name="vmware-admins")).to_be_visible()


def test_a_press_survives_an_update_around_it(page: Page, slack: Playground, app: App, connect: Connect) -> None:
    """An update between pressing and letting go of the mouse does not lose the press, nor close an open menu."""
    seen = taking(app, "go", "more")
    connect(slack, app)
    menu = {"type": "overflow", "action_id": "more", "options": [option("bundle")]}
    row = actions(button("go", "Go", value="1"), menu, block_id="row")
    ts = post(app.client, section("one"), row)
    page.get_by_role("button", name="Go").hover()
    page.mouse.down()
    app.client.chat_update(channel=INCIDENTS, ts=ts, text="x", blocks=[section("two"), row])
    expect(page.get_by_role("article")).to_contain_text("two")
    page.mouse.up()
    slack.wait_for(lambda: len(slack.deliveries) == 1)
    page.get_by_role("button", name="More options").click()
    app.client.chat_update(channel=INCIDENTS, ts=ts, text="x", blocks=[section("three\n" * 60), row])
    expect(page.get_by_role("article")).to_contain_text("three")
    page.get_by_role("menuitem", name="bundle").click()
    slack.wait_for(lambda: len(slack.deliveries) == 2)

    assert [("go", "1"), ("more", "bundle")] == seen


def test_what_was_typed_survives_an_update_of_the_modal(
    page: Page, slack: Playground, app: App, connect: Connect
) -> None:
    """As in Slack, inputs keep their content where block and action IDs are the same."""

    @app.action("open")
    def opened(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(section("loading"), asking("Reason")))

    connect(slack, app)
    post(app.client, actions(button("open", "Open")))
    page.get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog", name="Title")
    dialog.get_by_role("textbox", name="Reason").fill("half a sen")
    view = slack.view("on-call") or {}
    app.client.views_update(view_id=view["id"], view=modal(section("loaded"), asking("Reason")))
    expect(dialog).to_contain_text("loaded")

    expect(dialog.get_by_role("textbox", name="Reason")).to_have_value("half a sen")


def test_a_file_can_be_opened(page: Page, client: WebClient) -> None:
    """A shared file is a link to its content, which is served as plain text."""
    client.files_upload_v2(channel=INCIDENTS, filename="bundle.html", content="<script>document.title='owned'</script>")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="bundle.html").click()

    assert "<script>" in popup.value.locator("body").inner_text()


def test_a_picture_is_seen_and_said(page: Page, client: WebClient) -> None:
    """A PNG is shown where it was shared, with its words for who does not see it, and opens as what it is."""
    client.files_upload_v2(
        channel=INCIDENTS, filename="matrix.png", title="TCP", content=PIXEL, alt_txt="4 of 6 paths fail."
    )

    picture = page.get_by_role("img", name="4 of 6 paths fail.")
    expect(picture).to_be_visible()
    assert 1 == picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    expect(page.get_by_role("figure")).to_contain_text("TCP")


def test_a_picture_fits_a_phone(chromium: Browser, slack: Playground, client: WebClient) -> None:
    """It is as wide as there is room, and the page needs no scrolling sideways."""
    picture = timeline_of(closed())
    assert picture is not None
    client.files_upload_v2(
        channel=INCIDENTS, filename="timeline.png", content=rendered(picture), title="Timeline", alt_txt=picture.alt
    )
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(slack.page_url)
    shown = page.get_by_role("img", name=picture.alt)
    expect(shown).to_be_visible()

    box = shown.bounding_box()
    inner = page.evaluate("document.documentElement.scrollWidth")
    phone.close()

    assert box is not None
    assert (True, True) == (200 < box["width"] <= 390, inner <= 390)


def test_an_alt_text_is_as_long_as_slack_takes(client: WebClient) -> None:
    """A longer one is refused."""
    client.files_getUploadURLExternal(filename="a.png", length=1, alt_txt="x" * 1000)

    with pytest.raises(SlackApiError) as refused:
        client.files_getUploadURLExternal(filename="a.png", length=1, alt_txt="x" * 1001)
    assert "alt_txt_too_large" == refused.value.response["error"]


def test_people_attach_a_file(page: Page, slack: Playground) -> None:
    """A text file is chosen, goes along with the next message, and is a link there; then none is chosen any more."""
    page.get_by_label("Attach a file").set_input_files(
        {"name": "a.log", "mimeType": "text/plain", "buffer": b"it failed"}
    )
    type_text(page, "look at this")

    expect(page.get_by_role("article")).to_contain_text("look at this")
    expect(page.get_by_role("link", name="a.log")).to_be_visible()
    expect(page.get_by_label("Attach a file")).to_have_value("")
    assert b"it failed" == slack.file("a.log")


def test_a_refused_call_is_explained(page: Page, client: WebClient) -> None:
    """Whoever tries the bot sees which of its calls Slack would refuse, and why."""
    with pytest.raises(SlackApiError):
        post(client, section(""))
    page.get_by_text("Refused calls (1)").click()

    expect(page.get_by_role("complementary", name="Workspace")).to_contain_text(
        re.compile(r"chat\.postMessage invalid_blocks .*must be more than 0 characters")
    )


def test_a_command_in_a_thread_is_not_supported(page: Page, slack: Playground) -> None:
    """As in Slack, the person is told so in the thread."""
    slack.post("on-call", "incidents", "x")
    page.get_by_role("article").hover()
    page.get_by_role("button", name="Reply").click()
    page.get_by_role("textbox", name="Reply in thread").fill("/netcheck status")
    page.get_by_role("textbox", name="Reply in thread").press("Enter")

    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_role("article").last).to_contain_text("/netcheck is not supported in threads. Sorry!")


def test_the_page_comes_back_when_the_stand_in_does(chromium: Browser) -> None:
    """A page that is open while the stand-in is started again shows what is there then, by itself."""
    first = Playground().start()
    port = int(first.page_url.split(":")[2].strip("/"))
    page = chromium.new_page()
    page.goto(first.page_url)
    first.post("on-call", "incidents", "before")
    expect(page.get_by_role("article")).to_have_text(re.compile("before"))
    first.stop()
    expect(page.get_by_role("note")).to_contain_text("The playground has stopped")
    with Playground(port=port) as second:
        second.post("on-call", "incidents", "after")
        expect(page.get_by_role("article")).to_have_text(re.compile("after"))
        page.close()
