"""What goes to the bot: envelopes over Socket Mode or HTTP, and events until one is acknowledged."""
