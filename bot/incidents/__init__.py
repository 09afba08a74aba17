"""Incidents: who owns what is broken, how far the fix is, and everything that was decided and done on the way."""
