"""What only the person who asked sees: help, lists, how netcheck itself is, questions and mistakes."""

import importlib.resources
import re
from collections.abc import Sequence

from bot.errors import NetcheckError
from bot.fleet import Member
from bot.grammar import COMMANDS, AmbiguousCluster, Command
from bot.runs.model import Run
from bot.runs.status import Backlog, Status
from checks.registry import CHECKS
from handlers.views.blocks import (
    SECTION_CHARACTERS,
    Message,
    actions,
    button,
    clip,
    code,
    context,
    fitting,
    header,
    message,
    section,
    sections,
    select,
)
from handlers.views.markdown import paragraphs
from handlers.views.run import what
from handlers.views.wording import ENDED, headline, seconds

COMMAND = "/netcheck"
CHOOSE = "choose_cluster"
"""The `action_id` of the menu of clusters, and the beginning of each button's."""
_BUTTONS = 5
_COMMANDS = re.compile(rf"`({'|'.join(command.name for command in COMMANDS)})\b")
_ERROR_CHARACTERS = 1500


def said(text: str) -> Message:
    """One plain sentence."""
    return message(text, [section(clip(text, _ERROR_CHARACTERS))])


def mistake(error: NetcheckError) -> Message:
    """What is wrong and what to do about it."""
    # The grammar is the command line's too; here every command begins with a slash.
    text = _COMMANDS.sub(rf"`{COMMAND} \1", error.text)
    return message(text, [section(f":warning: {clip(text, _ERROR_CHARACTERS)}")])


def which_cluster(question: AmbiguousCluster, ask: str) -> Message:
    """Ask which cluster is meant; `ask` is the opaque id that the choice brings back."""
    labels = [(name, f"{ask}:{number}") for number, name in enumerate(question.choices)]
    if len(labels) <= _BUTTONS:
        asked = actions(*(button(name, f"{CHOOSE}_{number}", value) for number, (name, value) in enumerate(labels)))
    else:
        asked = actions(select("Cluster", CHOOSE, labels))
    text = (
        f"Which cluster? Next time say `in CLUSTER`, for example `{question.asked.command} in {question.choices[0]}`."
    )
    return message("Which cluster?", [section(clip(text, _ERROR_CHARACTERS)), asked])


def help_on(topic: str) -> Message:
    """All commands, one command, or one check's own page."""
    if topic in CHECKS:
        return _check_page(topic)
    wanted = [command for command in COMMANDS if topic in ("", command.name)]
    blocks = [section(_command(command)) for command in wanted]
    if not topic:
        blocks = [
            header("netcheck"),
            *blocks,
            context(f"Checks: {', '.join(map(code, CHECKS))} · `{COMMAND} help CHECK`"),
        ]
    return message("How to use netcheck", blocks)


def check_list() -> Message:
    """The checks and what each answers."""
    lines = [f"• {code(check.name)} {clip(check.title, 300)}" for check in CHECKS.values()]
    return message("Checks", [*sections(lines), context(f"`{COMMAND} help CHECK` explains one.")])


def status_view(status: Status) -> Message:
    """How netcheck itself is in one cluster."""
    blocks = [
        header(f"netcheck in {status.cluster}"),
        *sections(_member_lines(status)),
        *sections(_queue_lines(status)),
        *sections(["*Recent runs*", *(map(_recent, status.recent) if status.recent else ["None yet."])]),
    ]
    return message(f"How netcheck is in {status.cluster}", fitting(blocks, "There is more than fits here."))


def _command(command: Command) -> str:
    usage, example = code(f"{COMMAND} {command.usage}"), code(f"{COMMAND} {command.example}")
    more = f" For example {example}." if command.example != command.usage else ""
    return f"{usage}\n{clip(command.meaning, 300)}{more}"


def _check_page(name: str) -> Message:
    page = importlib.resources.files("checks") / name / "README.md"
    if not page.is_file():
        return said(f"{name}: {CHECKS[name].title}")
    shown = [f"{text[: SECTION_CHARACTERS - 1]}\n" for text in paragraphs(page.read_text(encoding="utf-8"))]
    return message(f"{name}: {CHECKS[name].title}", fitting(sections(shown), "The page is longer than fits here."))


def _member_lines(status: Status) -> list[str]:
    workers = [m for m in status.members if m.role == "worker"]
    lines = (
        [f":warning: No worker serves {clip(status.cluster, 80)}: runs wait until one starts."] if not workers else []
    )
    lines += [f"{_mark(m)} worker {code(m.name)}, {_heard(m)}" for m in workers]
    for role in ("agent-host", "agent-pod"):
        lines.append(_agents(role, [m for m in status.members if m.role == role], status.nodes))
    return lines


def _agents(role: str, agents: Sequence[Member], nodes: Sequence[str]) -> str:
    here = {m.name for m in agents if m.here}
    silent = [node for node in nodes if node not in here]
    network = role.removeprefix("agent-")
    line = f"{':warning:' if silent else ':white_check_mark:'} {network} agents: {len(here)} of {len(nodes)} nodes"
    return line + (f"; silent: {clip(', '.join(silent), 500)}" if silent else "")


def _queue_lines(status: Status) -> list[str]:
    lines = ["*Queue*", *(map(_backlog, status.backlog) if status.backlog else ["Nothing waits."])]
    if status.dead:
        lines.append("*Given up*")
        lines += [f"• {clip(d.reason, 300)} {code(d.stream)}, {seconds(d.age_s)} ago" for d in status.dead]
    return lines


def _backlog(backlog: Backlog) -> str:
    return f"• {backlog.entries} in {code(backlog.stream)}, the oldest for {seconds(backlog.oldest_s)}"


def _recent(run: Run) -> str:
    if run.report is not None:
        outcome = headline(run)
    else:
        outcome = " ".join(ENDED.get(run.state, (":hourglass_flowing_sand:", run.state)))
    return (
        f"• {code(run.id)} {what(run)} by {clip(run.request.requested_by.name, 80) or 'nobody'}: {clip(outcome, 200)}"
    )


def _mark(member: Member) -> str:
    return ":white_check_mark:" if member.here else ":warning:"


def _heard(member: Member) -> str:
    return "here" if member.here else f"last heard of {seconds(member.age_s)} ago"
