"""Health digests: which channel hears of which cluster when, each firing once, and what it says."""
