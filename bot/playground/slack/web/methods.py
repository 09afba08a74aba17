"""Every method that the stand-in knows."""

from bot.playground.slack.web import apps, chat, conversations, files, reactions, usergroups, users, views
from bot.playground.slack.web.method import Method

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **reactions.METHODS,
    **usergroups.METHODS,
    **users.METHODS,
    **views.METHODS,
}
