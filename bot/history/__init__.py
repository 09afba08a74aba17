"""What was measured and what was not well, over weeks: series of numbers, and episodes of what was not well.

`points` and `signals` are pure, `episodes` too; `history` alone talks to Redis.
"""
