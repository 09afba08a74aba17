"""The stand-in for Slack itself: its workspace, Web API, delivery to the bot, and what people do."""
