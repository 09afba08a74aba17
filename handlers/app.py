"""The bot: Slack on one side, Redis on the other. `serve` is what the composition root calls."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.access.membership import Membership
from bot.access.policy import Policy
from bot.access.rulebook import Rulebook
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.perform import Door
from bot.config import Config
from bot.errors import ConfigError
from bot.messages.pace import Pace
from bot.processes import give_back_memory
from bot.roles.conducting import Conducting
from bot.roles.digesting import Digesting
from bot.store.connection import connect
from handlers import listeners
from handlers.acts import Acts
from handlers.announcer import Announcer
from handlers.credentials import Credentials, WatchedClient
from handlers.deliveries import Deliveries
from handlers.home import Home
from handlers.membership import Groups
from handlers.posts import Sender
from handlers.questions import Questions
from handlers.response_urls import ResponseUrls
from handlers.shown import shown
from handlers.transport import httpmode, socketmode

CALL_TIMEOUT_S = 5
"""Of one step of a call to Slack; less than the time after which a post counts as lost."""
REDIS_TIMEOUT_S = 0.5
"""With two tries in two questions an acknowledgement still leaves within Slack's three seconds."""

PLACES = ("thread", "own")
"""What `NETCHECK_INCIDENT_CHANNELS` may be."""
BLOCKS = ("all", "plain")
"""What `NETCHECK_SLACK_BLOCKS` may be."""

log = logging.getLogger(__name__)


def serve(config: Config, stop: threading.Event) -> None:
    """Answer Slack until `stop` is set.

    Neither Slack nor Redis need to be there: the bot says in its log what is missing and goes on when it is back.

    Raises:
        ConfigError: a setting is missing or cannot be used, or Slack does not accept a token.
    """
    redis_client = connect(config.required("NETCHECK_REDIS_URL"), reply_timeout_s=REDIS_TIMEOUT_S, tries=2)
    limits = {"ttl_s": config.number("NETCHECK_RUN_TTL"), "limit": config.number("NETCHECK_QUEUE_LIMIT")}
    clusters = Clusters(redis_client, **limits)
    key = config.job_key()
    slack = WatchedClient(token=config.required("SLACK_BOT_TOKEN"), **_patience(config))
    slack.credentials = credentials = Credentials(slack)
    app = _app(config)
    membership = Membership(Groups(slack).users)
    policy = Policy(Rulebook(config["NETCHECK_ACCESS"]), membership)
    door = Door(lambda: Means(clusters, lambda: key), policy)
    response_urls = ResponseUrls(redis_client, slack)
    acts = Acts(door, Questions(redis_client), response_urls, credentials.trouble)
    finish = listeners.register(app, acts, Deliveries(redis_client), slack, Home(slack, redis_client, policy))
    sender = Sender(slack, Pace(redis_client), response_urls, _plain(config))
    announcer = Announcer(clusters, sender, shown(redis_client, rooms=_rooms(config)))
    operations = config.operations_key() if config["NETCHECK_OPERATIONS_KEY"] else None
    conducting = Conducting(clusters, key, operations, config.number("NETCHECK_REMIND_AFTER"))
    digesting = Digesting(clusters, key)
    transport = _transport(config, app)
    beside = [
        threading.Thread(target=announcer.run, name="announcer", daemon=True),
        threading.Thread(target=conducting.run, name="conducting", daemon=True),
        threading.Thread(target=digesting.run, name="digesting", daemon=True),
        threading.Thread(target=credentials.run, name="credentials", daemon=True),
    ]
    # Frozen, because a garbage collection of all that was imported would hold up fifty acknowledgements by 40 ms.
    give_back_memory()
    for thread in beside:
        thread.start()
    try:
        transport(stop)
    finally:
        announcer.stop()
        conducting.stop()
        digesting.stop()
        credentials.stop()
        for thread in beside:
            thread.join()
        finish()
        membership.finish()
        redis_client.close()


def _rooms(config: Config) -> bool:
    places = config["NETCHECK_INCIDENT_CHANNELS"]
    if places not in PLACES:
        raise ConfigError(f"NETCHECK_INCIDENT_CHANNELS is {places!r}.", hint=f"It is one of: {', '.join(PLACES)}.")
    return places == PLACES[1]


def _plain(config: Config) -> bool:
    blocks = config["NETCHECK_SLACK_BLOCKS"]
    if blocks not in BLOCKS:
        raise ConfigError(f"NETCHECK_SLACK_BLOCKS is {blocks!r}.", hint=f"It is one of: {', '.join(BLOCKS)}.")
    return blocks == BLOCKS[1]


def _transport(config: Config, app: App) -> Callable[[threading.Event], None]:
    modes = {"socket": socketmode.transport, "http": httpmode.transport}
    mode = config["NETCHECK_SLACK_MODE"]
    if mode not in modes:
        raise ConfigError(f"NETCHECK_SLACK_MODE is {mode!r}.", hint=f"It is one of: {', '.join(modes)}.")
    return modes[mode](config, app)


def _app(config: Config) -> App:
    # An app that has the token itself asks Slack who it is before it acknowledges the first payload; one that gets it
    # from `authorize` does not. Bolt warns that it ignores the token in the environment, which would only mislead.
    quiet = logging.getLogger(f"{__name__}.bolt")
    quiet.setLevel(logging.ERROR)
    token = config.required("SLACK_BOT_TOKEN")

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return App(
        name="netcheck",
        logger=quiet,
        client=WebClient(**_patience(config)),
        authorize=authorize,
        signing_secret=config["SLACK_SIGNING_SECRET"],
        # The listener runs where the payload was received: no second thread, and no polling for its acknowledgement.
        process_before_response=True,
    )


def _patience(config: Config) -> dict[str, Any]:
    """How a client calls the Web API: never twice by itself, because a repeated post is a second message.

    Whoever calls it waits as long as Slack asks (429), and looks for the message before trying again.
    """
    return {"base_url": config["NETCHECK_SLACK_API"], "timeout": CALL_TIMEOUT_S, "retry_handlers": []}
