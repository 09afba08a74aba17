"""A bot as a process of its own, connected to the stand-in for Slack."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from bot.roles.local import Local
from tests.playground import Playground


@contextlib.contextmanager
def running_bot(local: Local, slack: Playground, **settings: str) -> Iterator[None]:
    """Until the block ends."""
    environment = {
        **os.environ,
        **local.environment,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "NETCHECK_SLACK_API": slack.base_url,
        **settings,
    }
    bot = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=environment, stderr=subprocess.DEVNULL)
    try:
        slack.wait_for(lambda: slack.connections == 1, timeout_s=20)
        yield
    finally:
        bot.kill()
        bot.wait()
