"""The practices."""
