"""The check `texts`."""
