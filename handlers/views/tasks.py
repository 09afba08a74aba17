"""Slack's plan block: steps as tasks with a state each; and the plain form of it, for where Slack does not take it.

https://docs.slack.dev/reference/block-kit/blocks/plan-block and .../task-card-block.
"""

from collections.abc import Sequence
from enum import StrEnum

from handlers.views.blocks import Block, Message, clip, plain, sections

TITLE_CHARACTERS = 300


class Status(StrEnum):
    """The states that Slack knows of a task."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    ERROR = "error"


_EMOJI = {
    Status.PENDING: ":white_small_square:",
    Status.IN_PROGRESS: ":arrow_forward:",
    Status.COMPLETE: ":white_check_mark:",
    Status.ERROR: ":warning:",
}
_PLAN = "plan"


def plan(title: str, tasks: Sequence[tuple[str, Status]]) -> Block:
    """A plan of tasks, each with its title; all of it plain text."""
    return {
        "type": _PLAN,
        "title": _words(title),
        "tasks": [
            {"type": "task_card", "task_id": f"task-{number}", "title": _words(text), "status": str(status)}
            for number, (text, status) in enumerate(tasks, 1)
        ],
    }


def without_plans(view: Message) -> Message:
    """The same message with every plan as lines of text."""
    blocks = [plainer for block in view["blocks"] for plainer in (_lines(block) if block["type"] == _PLAN else [block])]
    return {**view, "blocks": blocks}


def _lines(block: Block) -> list[Block]:
    tasks = [f"{_EMOJI[Status(task['status'])]} {_escaped(task['title'])}" for task in block["tasks"]]
    return sections([f"*{_escaped(block['title'])}*", *tasks])


def _words(text: str) -> str:
    return str(plain(" ".join(text.split()), TITLE_CHARACTERS)["text"])


def _escaped(text: str) -> str:
    return clip(text, TITLE_CHARACTERS)
