"""The runbooks: one folder each, with its README, found by itself."""
