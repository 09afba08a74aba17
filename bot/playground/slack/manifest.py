"""What an app manifest says that the stand-in acts on.

The schema is Slack's own (https://docs.slack.dev/reference/app-manifest), so that the manifest people install is
the one that is tried here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.refusal import Refusal

DEFAULT: dict[str, Any] = {
    "display_information": {"name": "netcheck"},
    "features": {
        "bot_user": {"display_name": "netcheck", "always_online": True},
        "slash_commands": [
            {
                "command": "/netcheck",
                "description": "Find out why networking broke",
                "usage_hint": "diagnose | run CHECK | status | help",
                "should_escape": False,
            }
        ],
        "shortcuts": [
            {
                "name": "Diagnose this message",
                "type": "message",
                "callback_id": "diagnose_message",
                "description": "Diagnose the error text in this message",
            }
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "files:write"]}},
    "settings": {"interactivity": {"is_enabled": True}, "socket_mode_enabled": True},
}
"""Used when no manifest is given: one command, one message shortcut and the scopes these need."""


@dataclass(frozen=True)
class Command:
    """A slash command, with the hint that Slack shows while it is typed."""

    name: str
    description: str
    usage_hint: str
    url: str
    should_escape: bool = False
    """Whether people and channels in its text come as ids, `<@U012|name>` and `<#C012|name>`."""


@dataclass(frozen=True)
class Shortcut:
    """A shortcut; `kind` is `message` (in a message's menu) or `global`."""

    name: str
    kind: str
    callback_id: str


@dataclass(frozen=True)
class App:
    """The installed app: what it offers, what it may do and where its payloads go."""

    name: str
    commands: Mapping[str, Command]
    shortcuts: Mapping[str, Shortcut]
    scopes: frozenset[str]
    events: frozenset[str]
    socket_mode: bool
    interactivity: bool
    interactivity_url: str
    events_url: str
    home_tab: bool
    takes_messages: bool
    """Whether people may write to it in its own conversation."""
    ids: Mapping[str, str] = field(
        default_factory=lambda: {"app": "A0PLAYGROUND", "bot": "B0PLAYGROUND", "user": "U0NETCHECK"}
    )


def read(manifest: Mapping[str, Any]) -> App:
    """Read an app manifest, given as loaded from JSON.

    Raises:
        Refusal: `invalid_manifest`, a command or shortcut lacks what Slack requires of it.
    """
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    interactivity = settings.get("interactivity", {})
    subscriptions = settings.get("event_subscriptions", {})
    home = features.get("app_home", {})
    display = manifest.get("display_information", {}).get("name", "")
    return App(
        name=features.get("bot_user", {}).get("display_name") or display,
        commands={c.name: c for c in map(_command, features.get("slash_commands", []))},
        shortcuts={s.callback_id: s for s in map(_shortcut, features.get("shortcuts", []))},
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=frozenset(subscriptions.get("bot_events", [])),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        interactivity=bool(interactivity.get("is_enabled", False)),
        interactivity_url=interactivity.get("request_url", ""),
        events_url=subscriptions.get("request_url", ""),
        home_tab=bool(home.get("home_tab_enabled", False)),
        takes_messages=home.get("messages_tab_enabled", True) and not home.get("messages_tab_read_only_enabled", False),
    )


def _command(entry: Mapping[str, Any]) -> Command:
    name = entry.get("command", "")
    if not name.startswith("/") or not entry.get("description"):
        raise Refusal("invalid_manifest", [f"slash command {name!r} needs a name with a slash and a description"])
    return Command(
        name, entry["description"], entry.get("usage_hint", ""), entry.get("url", ""), entry.get("should_escape", False)
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    if entry.get("type") not in {"message", "global"} or not all(
        entry.get(key) for key in ("name", "callback_id", "description")
    ):
        raise Refusal(
            "invalid_manifest", [f"shortcut {entry.get('name')!r} needs name, type, callback_id, description"]
        )
    return Shortcut(entry["name"], entry["type"], entry["callback_id"])
