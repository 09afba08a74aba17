"""The form of `create-pool`: a name and addresses, told wrong at the field in which they are."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.commands.grammar import Asked
from bot.errors import UsageError
from bot.language import ENGLISH, Language
from bot.messages.where import Where
from bot.runbooks.catalogue.create_pool.ranges import Wrong, parse
from bot.runbooks.registry import RUNBOOKS, choices_of
from checks.text import Text, say
from handlers.views.blocks import clip, plain, section

CREATE_POOL = "create-pool"
CALLBACK = "create_pool"
"""The form's `callback_id`."""
NAME, ADDRESSES = "name", "addresses"
"""The blocks of its fields, which are called as the choices of the runbook are; so are the fields themselves."""
_LONGEST = {NAME: 63, ADDRESSES: 500}
_TITLE, _HINT, _ERROR = 24, 150, 200
"""Characters of each (https://docs.slack.dev/reference/views/modal-views)."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the form carries unseen, for any process to go on with."""

    asked: Asked
    where: Where | None = None
    """Where the command was given."""


def pool_form(kept: Kept, language: Language = ENGLISH) -> dict[str, Any]:
    """The form."""
    label = say("Begin") if kept.asked.command == "fix" else say("Show the plan")
    told = say(
        "An address pool for MetalLB in {cluster}, announced by layer 2. What is entered is checked against nodes, "
        "pods, Services and other pools before anything is done.",
        cluster=kept.asked.cluster,
    )
    name = str(kept.asked.parameters.get(NAME, "default"))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(language.words(say("Create an address pool")), _TITLE),
        "submit": plain(language.words(label), _TITLE),
        "close": plain(language.words(say("Cancel")), _TITLE),
        "private_metadata": msgspec.json.encode(kept).decode(),
        "blocks": [
            section(clip(language.words(told), 500)),
            _field(NAME, say("Name"), say("Lower-case letters, digits and hyphens."), language, initial=name),
            _field(
                ADDRESSES,
                say("Addresses"),
                say("Ranges, networks or both, separated by commas: 192.0.2.10-192.0.2.50, 2001:db8::/120"),
                language,
                initial=str(kept.asked.parameters.get(ADDRESSES, "")),
            ),
        ],
    }


def pairs(values: Mapping[str, Any]) -> dict[str, str]:
    """What was entered, as it would be typed, from the `state.values` of a submission."""
    entered = {name: str(((values.get(name) or {}).get(name) or {}).get("value") or "") for name in (NAME, ADDRESSES)}
    ranges = [part.strip() for part in entered[ADDRESSES].replace("\n", ",").split(",")]
    return {NAME: entered[NAME].strip(), ADDRESSES: ",".join(part for part in ranges if part)}


def errors(entered: Mapping[str, str], language: Language = ENGLISH) -> dict[str, str]:
    """What is wrong, by field; nothing when a plan can be made of it. The runbook's own checks decide."""
    found = {}
    try:
        choices_of(RUNBOOKS[CREATE_POOL], {NAME: entered[NAME]})
    except UsageError:
        found[NAME] = language.words(say("Lower-case letters, digits and hyphens, 63 at most."))
    try:
        parse(entered[ADDRESSES])
        choices_of(RUNBOOKS[CREATE_POOL], {ADDRESSES: entered[ADDRESSES]})
    except Wrong as error:
        found[ADDRESSES] = language.words(error.text)
    except UsageError:
        found[ADDRESSES] = language.words(say("500 characters at most."))
    return {field: plain(text, _ERROR)["text"] for field, text in found.items()}


def _field(name: str, label: Text, hint: Text, language: Language, *, initial: str) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": name, "max_length": _LONGEST[name]}
    if initial:
        element["initial_value"] = initial[: _LONGEST[name]]
    return {
        "type": "input",
        "block_id": name,
        "label": plain(language.words(label), _HINT),
        "hint": plain(language.words(hint), _HINT),
        "element": element,
    }
