"""Asking DNS servers: messages, one question at a time, and bursts."""
