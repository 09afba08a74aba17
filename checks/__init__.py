"""What netcheck measures and what it means: no Slack, no Redis, no bot.

One folder is one check, found by itself (`checks.registry`).
"""
