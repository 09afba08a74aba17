"""How payloads come in: by connections that the bot opens, or by signed requests."""
