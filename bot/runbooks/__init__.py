"""From a verdict to a verified fix: runbooks, the plans made of them, and how one is walked through."""
