"""The form of a digest: a schedule with its next firings, where, what and when; told wrong at the field it is in."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from bot.commands.digest import shown_time
from bot.commands.grammar import Asked
from bot.digests.model import When
from bot.digests.schedule import SHOWN, Schedule, schedule
from bot.errors import UsageError
from bot.language import ENGLISH, Language
from bot.messages.where import Where
from checks.registry import CHECKS
from checks.text import Text, say
from handlers.views.blocks import clip, option, plain, section

CALLBACK = "digest"
"""The form's `callback_id`, and the beginning of what is dispatched while it is filled in."""
PRESET, CRON, ZONE, CHANNEL, WHEN, CHECKS_, MENTION = "preset", "cron", "zone", "channel", "when", "checks", "mention"
OWN = "own"
"""The schedule that is written below."""
_TITLE, _HINT, _ERROR = 24, 150, 200
_SCHEDULES: Mapping[str, Text] = {
    "weekdays": say("On weekdays at 9:00"),
    "daily": say("Every day at 9:00"),
    "weekly": say("On Mondays at 9:00"),
    "hourly": say("Every hour"),
    OWN: say("As written below"),
}
_WHENS: Mapping[When, Text] = {
    When.ALWAYS: say("Always"),
    When.CHANGE: say("When something has changed"),
    When.UNWELL: say("When the cluster is not healthy"),
}


class Entered(msgspec.Struct, frozen=True):
    """What stands in the form."""

    preset: str = "weekdays"
    cron: str = ""
    zone: str = "UTC"
    channel: str = ""
    when: str = When.ALWAYS
    checks: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """The schedule, as it would be typed."""
        return self.cron if self.preset == OWN else self.preset


class KeptDigest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form carries unseen, for any process to go on with."""

    cluster: str
    where: Where | None = None
    """Where the command was given."""


def digest_form(kept: KeptDigest, entered: Entered, language: Language = ENGLISH) -> dict[str, Any]:
    """The form, with the next firings of what stands in it."""
    told = say("A health digest of {cluster}, posted on schedule.", cluster=kept.cluster)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(language.words(say("Make a digest")), _TITLE),
        "submit": plain(language.words(say("Make it")), _TITLE),
        "close": plain(language.words(say("Cancel")), _TITLE),
        "private_metadata": msgspec.json.encode(kept).decode(),
        "blocks": [section(clip(language.words(told), 500)), *_fields(entered, language)],
    }


def entered_in(values: Mapping[str, Any]) -> Entered:
    """What stands in a form, from the `state.values` of what Slack sends."""

    def one(name: str) -> str:
        field = (values.get(name) or {}).get(_id(name)) or {}
        chosen = (field.get("selected_option") or {}).get("value")
        return str(chosen or field.get("selected_conversation") or field.get("value") or "").strip()

    def many(name: str, key: str) -> tuple[str, ...]:
        field = (values.get(name) or {}).get(_id(name)) or {}
        return tuple(str(each.get("value") if isinstance(each, dict) else each) for each in field.get(key) or ())

    return Entered(
        preset=one(PRESET) or "weekdays",
        cron=one(CRON),
        zone=one(ZONE) or "UTC",
        channel=one(CHANNEL),
        when=one(WHEN) or When.ALWAYS,
        checks=many(CHECKS_, "selected_options"),
        mention=many(MENTION, "selected_users"),
    )


def errors(entered: Entered) -> dict[str, str]:
    """What is wrong, by field; nothing when a digest can be made of it."""
    found = {}
    if not entered.channel:
        found[CHANNEL] = "Which channel?"
    field = ZONE
    try:
        schedule("daily", entered.zone)
        field = CRON if entered.preset == OWN else PRESET
        schedule(entered.written, entered.zone)
    except UsageError as error:
        found[field] = plain(f"{error} {error.hint if field == ZONE else ''}".strip(), _ERROR)["text"]
    return found


def asked_for(kept: KeptDigest, entered: Entered) -> Asked:
    """The same as it would be typed."""
    pairs = {"zone": entered.zone, "channel": entered.channel, "when": str(entered.when)}
    pairs |= {"checks": ",".join(entered.checks)} if entered.checks else {}
    pairs |= {"mention": ",".join(entered.mention)} if entered.mention else {}
    return Asked(command="digest", subject=f"add {entered.written}", parameters=pairs, cluster=kept.cluster)


def _fields(entered: Entered, language: Language) -> Iterator[dict[str, Any]]:
    choices = {name: language.words(text) for name, text in _SCHEDULES.items()}
    yield _input(PRESET, say("When"), _select(PRESET, choices, entered.preset), language, dispatches=True)
    cron = {"type": "plain_text_input", "action_id": _id(CRON), "max_length": 100}
    cron |= {"initial_value": entered.cron} if entered.cron else {}
    hint = say("Cron: minute, hour, day, month, weekday. For example 30 8 * * mon-fri")
    yield _input(CRON, say("Own schedule"), cron, language, hint=hint, optional=True, dispatches=True)
    zone = {"type": "plain_text_input", "action_id": _id(ZONE), "max_length": 60, "initial_value": entered.zone[:60]}
    yield _input(ZONE, say("Time zone"), zone, language, hint=say("Like Europe/Berlin"), dispatches=True)
    yield section(_upcoming(entered, language))
    channel: dict[str, Any] = {"type": "conversations_select", "action_id": _id(CHANNEL)}
    channel |= {"filter": {"include": ["public", "private"]}}
    channel |= {"initial_conversation": entered.channel} if entered.channel else {}
    yield _input(CHANNEL, say("Channel"), channel, language, hint=say("The bot has to be in it: /invite @netcheck"))
    whens = {str(when): language.words(text) for when, text in _WHENS.items()}
    yield _input(WHEN, say("Post it"), _select(WHEN, whens, str(entered.when)), language)
    checks = {name: name for name in CHECKS}
    several = {"type": "multi_static_select", "action_id": _id(CHECKS_), "options": [option(n, n) for n in checks]}
    yield _input(CHECKS_, say("Checks"), several, language, hint=say("None: a whole diagnosis"), optional=True)
    people = {"type": "multi_users_select", "action_id": _id(MENTION)}
    yield _input(MENTION, say("Whom to call when something new fails"), people, language, optional=True)


def _upcoming(entered: Entered, language: Language) -> str:
    now = datetime.now(tz=UTC).timestamp()
    try:
        made: Schedule = schedule(entered.written, entered.zone)
    except UsageError as error:
        return clip(str(error), 300)
    times = [shown_time(at, made.zone) for at in made.next(now, SHOWN)]
    return clip("\n".join([language.words(say("The next ones:")), *times]), 500)


def _select(name: str, choices: Mapping[str, str], chosen: str) -> dict[str, Any]:
    options = [option(label, value) for value, label in choices.items()]
    first = next((each for each in options if each["value"] == chosen), options[0])
    return {"type": "static_select", "action_id": _id(name), "options": options, "initial_option": first}


def _input(
    name: str,
    label: Text,
    element: dict[str, Any],
    language: Language,
    *,
    hint: Text | None = None,
    optional: bool = False,
    dispatches: bool = False,
) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": name,
        "label": plain(language.words(label), _HINT),
        "element": element,
    }
    block |= {"hint": plain(language.words(hint), _HINT)} if hint else {}
    block |= {"optional": True} if optional else {}
    return block | ({"dispatch_action": True} if dispatches else {})


def _id(name: str) -> str:
    return f"{CALLBACK}_{name}"
