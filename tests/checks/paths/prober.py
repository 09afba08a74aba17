"""Run in a network namespace: `prober echo ADDRESS PORT`, or `prober observe NETWORK` with a request on stdin.

Root is given up before anything is done, as in production: user 65534, no capability.
"""

import concurrent.futures.thread
import os
import sys

import msgspec

from checks.observation import Context, Network
from checks.paths import CHECK, observe
from checks.paths.model import Request
from checks.probes import echo

NOBODY = 65534
LOADED = (concurrent.futures.thread, observe)
"""What is otherwise loaded at the first use: nobody may not read a Python that root installed for itself."""


def main() -> None:
    """Do what the arguments say."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if sys.argv[1] == "echo":
        server = echo.Server([sys.argv[2]], int(sys.argv[3]))
        print("ready", flush=True)
        while True:
            server.turn()
    print("ready", flush=True)
    request = msgspec.json.decode(sys.stdin.buffer.readline(), type=Request)
    data = CHECK.observe(request, Context(network=Network(sys.argv[2])))
    sys.stdout.buffer.write(msgspec.json.encode(data))


if __name__ == "__main__":
    main()
