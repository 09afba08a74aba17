"""Slack: thin listeners, and views that turn domain objects into Block Kit."""
