"""Records as Slack shows them: one message each, edited in place."""
