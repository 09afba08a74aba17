"""The check `services`."""
