"""The upload of files in three steps, as the SDK's files_upload_v2 does it."""

from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.settings import Settings
from tests.playground import Playground


def test_a_file_appears_after_processing() -> None:
    """The upload returns at once; the message with the file comes later, in the thread."""
    with Playground(settings=Settings(file_processing_s=0.1)) as slack:
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        message = client.chat_postMessage(channel="C0INCIDENTS", text="x")["ts"]
        client.files_upload_v2(
            channel="C0INCIDENTS", thread_ts=message, filename="bundle.json", content='{"a": 1}', initial_comment="all"
        )
        (completed,) = slack.calls_of("files.completeUploadExternal")
        shared = slack.wait_for(lambda: [m for m in slack.messages("incidents") if m.get("files")])

        assert ("all", message) == (shared[0]["text"], shared[0]["thread_ts"])
        assert completed.at < float(shared[0]["ts"])
        assert b'{"a": 1}' == slack.file("bundle.json")


def test_what_was_not_uploaded_cannot_be_completed(client: WebClient) -> None:
    """Completing before the bytes arrived, or an unknown file, is refused."""
    announced = client.files_getUploadURLExternal(filename="a", length=3)["file_id"]

    for file_id in (announced, "F1"):
        with pytest.raises(SlackApiError) as error:
            client.files_completeUploadExternal(files=[{"id": file_id}], channel_id="C0INCIDENTS")
        assert "file_not_found" == error.value.response["error"]


def test_a_file_goes_only_where_the_app_is(client: WebClient) -> None:
    """Sharing into a channel without the app is refused."""
    with pytest.raises(SlackApiError) as error:
        client.files_upload_v2(channel="C0GENERAL", filename="a", content="abc")

    assert "not_in_channel" == error.value.response["error"]


@pytest.mark.parametrize("scopes", [["files:read"], []])
def test_what_people_share_is_read_with_a_token(scopes: list[str]) -> None:
    """Its address gives it to a bot that may read files; anybody else is led to where people log in."""
    manifest = {**DEFAULT, "oauth_config": {"scopes": {"bot": scopes}}}
    with Playground(manifest=manifest) as slack:
        (file,) = slack.post("on-call", "incidents", "", file=("a b.log", b"it failed"))["files"]
        request = Request(file["url_private"], headers={"Authorization": f"Bearer {slack.bot_token}"})
        with urlopen(request) as granted, urlopen(file["url_private"]) as stranger:
            assert (b"it failed" == granted.read(), True) == (bool(scopes), stranger.url.endswith("/login"))
        assert ("a b.log", 9) == (file["name"], file["size"])


def test_an_unknown_file_is_a_key_error(slack: Playground) -> None:
    """Tests that ask for a file nobody shared are told its name."""
    with pytest.raises(KeyError, match="bundle"):
        slack.file("bundle")
