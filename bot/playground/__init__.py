"""A strict stand-in for Slack: Web API, Socket Mode, HTTP delivery and a page for people.

The bot talks to it over real sockets with the unmodified SDK, and is refused whatever Slack would refuse: too long
blocks, expired triggers, calls above the rate limit, missing scopes. `bot.playground.server` starts it.
"""
