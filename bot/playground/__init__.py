"""A strict stand-in for Slack, and a page for people.

The bot talks to it over real sockets with the unmodified SDK, and is refused whatever Slack would refuse: too long
blocks, expired triggers, calls above the rate limit, missing scopes.

    server, start   the process: Slack and the page on one port, and what runs beside them
    page            what people see in the browser
    rehearsal       the recorded nodes, as what is done changes them
    slack           the workspace, the Web API, delivery to the bot, and what people do
    blockkit        what Slack accepts as blocks and views
    demo            the recorded incident
"""
