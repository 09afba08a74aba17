"""The three steps of an upload: ask for an address, send the bytes, say where the file goes.

Slack processes files after the last step, so the message appears in the channel some time after the answer
(https://docs.slack.dev/messaging/working-with-files).
"""

import asyncio
from typing import Any

from bot.playground.blockkit.messages import check_message
from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method
from bot.playground.slack.workspace.files import File
from bot.playground.slack.workspace.messages import Message

ALT_CHARACTERS = 1000
"""https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""


def get_address(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Announce a file and return where its bytes go."""
    length = arguments.integer("length", 0)
    if length <= 0:
        raise Refusal("invalid_arguments", ["[ERROR] must be more than 0 [json-pointer:/length]"])
    alt_text = arguments.text("alt_txt")
    if len(alt_text) > ALT_CHARACTERS:
        raise Refusal("alt_txt_too_large")
    file = File(service.workspace.new_id("F"), arguments.text("filename"), length, alt_text=alt_text)
    service.workspace.files[file.id] = file
    return {"upload_url": f"{service.base_url}/upload/{file.id}", "file_id": file.id}


def receive(service: Service, file_id: str, content: bytes) -> File:
    """Take the bytes of an announced file.

    Raises:
        Refusal: `file_not_found`, or `length_mismatch` when it is longer or shorter than announced.
    """
    file = service.workspace.files.get(file_id)
    if file is None or file.content is not None:
        raise Refusal("file_not_found")
    if len(content) != file.length:
        raise Refusal("length_mismatch")
    file.content = content
    return file


def complete(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Share received files; they appear in the channel later."""
    wanted = arguments.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refusal("invalid_arguments", ["[ERROR] must be an array [json-pointer:/files]"])
    files = [service.workspace.files.get(entry.get("id", "")) for entry in wanted]
    received = [file for file in files if file is not None and file.content is not None]
    if len(received) != len(wanted):
        raise Refusal("file_not_found")
    for file, entry in zip(received, wanted, strict=True):
        file.title = str(entry.get("title", ""))
        file.mode = "processing"
    channel_id = arguments.text("channel_id")
    if channel_id:
        channel = service.workspace.channels.get(channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        if service.app.ids["user"] not in channel.members:
            raise Refusal("not_in_channel")
        blocks = arguments.structure("blocks", "invalid_blocks_format") or []
        check_message(blocks)
        message = Message(
            channel_id, "", service.app.ids["user"], text=arguments.text("initial_comment"), blocks=blocks
        )
        message.thread_ts = arguments.text("thread_ts") or None
        service.start(_share(service, received, message))
    return {"files": [{"id": file.id, "title": file.title} for file in received]}


async def _share(service: Service, files: list[File], message: Message) -> None:
    await asyncio.sleep(service.settings.file_processing_s)
    for file in files:
        file.mode = "hosted"
    message.ts = service.workspace.next_ts()
    message.files = [file.as_slack(service.base_url) for file in files]
    service.workspace.add(message)


METHODS = {
    "files.getUploadURLExternal": Method(
        get_address, 4, ("files:write",), {"filename": "invalid_arguments", "length": "invalid_arguments"}
    ),
    "files.completeUploadExternal": Method(complete, 4, ("files:write",), {"files": "invalid_arguments"}),
}
