"""What netcheck measures and what it means: no Slack, no Redis, no bot.

One folder is one check. Adding a check touches its own folder and the one list in `checks.registry`.
"""
