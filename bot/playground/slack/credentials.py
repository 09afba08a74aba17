"""What the bot shows and checks; new in each process, so that no web page of another site can know it."""

import secrets

BOT_TOKEN = f"xoxb-playground-{secrets.token_hex(12)}"
APP_TOKEN = f"xapp-1-A0PLAYGROUND-{secrets.token_hex(12)}"
SIGNING_SECRET = secrets.token_hex(16)
