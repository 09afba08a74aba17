"""The processes of netcheck, and nothing else: what they do is elsewhere."""
