"""`help`: all commands, one of them, or the page of a check or a runbook."""

from collections.abc import Mapping
from importlib import resources

from bot.access.verb import Verb
from bot.commands.answer import Answer, Give, Item, Name, Page, Paragraph, Text
from bot.commands.command import Command, Errand, nowhere
from bot.commands.grammar import Asked, Line, unknown
from bot.runbooks.registry import RUNBOOKS, page
from checks.registry import CHECKS


def _commands() -> Mapping[str, Command]:
    from bot.commands.registry import COMMANDS  # noqa: PLC0415 - the list has this command in it

    return COMMANDS


def _parse(line: Line) -> Asked:
    said = line.said()
    line.no_more(said.words[1:], said.pairs, said.nodes)
    topic = said.words[0].lower() if said.words else ""
    topics = [*_commands(), *CHECKS, *RUNBOOKS]
    if topic and topic not in topics:
        raise unknown("help on", topic, topics, lambda near: f"help {near}")
    return Asked(command="help", subject=topic)


def _act(errand: Errand) -> Answer:
    topic = errand.asked.subject
    if topic in CHECKS:
        text = resources.files("checks").joinpath(CHECKS[topic].folder, "README.md").read_text(encoding="utf-8")
        return Answer(f"{topic}: {CHECKS[topic].title}", (Page(text),), {"page": text})
    if topic in RUNBOOKS:
        text = page(topic)
        return Answer(f"{topic}: {RUNBOOKS[topic].title}", (Page(text),), {"page": text})
    wanted = [command for command in _commands().values() if topic in ("", command.name)]
    items: list[Item] = [Paragraph(_text(command)) for command in wanted]
    if not topic:
        names = [piece for name in CHECKS for piece in (", ", Name(name))][1:]
        items.append(Paragraph(("Checks: ", *names, ". ", Give("help CHECK"), " explains one.")))
        names = [piece for name in RUNBOOKS for piece in (", ", Name(name))][1:]
        items.append(Paragraph(("Runbooks: ", *names, ". ", Give("help RUNBOOK"), " explains one.")))
    data = [{"name": c.name, "usage": c.usage, "meaning": c.meaning, "example": c.example} for c in wanted]
    return Answer("How to use netcheck", tuple(items), data)


def _text(command: Command) -> Text:
    more: Text = (" For example ", Give(command.example), ".") if command.example != command.usage else ()
    return (Give(command.usage), f"\n{command.meaning}", *more)


COMMAND = Command(
    name="help",
    usage="help [COMMAND|CHECK|RUNBOOK]",
    meaning="Explain a command, a check or a runbook.",
    example="help dns",
    parse=_parse,
    verb=Verb.DIAGNOSE,
    act=_act,
    target=nowhere,
)
