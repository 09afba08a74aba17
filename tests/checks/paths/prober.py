"""Run in a network namespace: `prober echo ADDRESS PORT NODE`; `prober observe NETWORK`, told on stdin what to ask.

Each line is the name of a check and a request of it.

Root is given up before anything is done, as in production: user 65534, no capability.
"""

import concurrent.futures.thread
import os
import sys

import msgspec

from checks.observation import Context, Network
from checks.probes import echo
from checks.registry import CHECKS

NOBODY = 65534
LOADED = (concurrent.futures.thread,)
"""What is otherwise loaded at the first use: nobody may not read a Python that root installed for itself."""


def main() -> None:
    """Do what the arguments say."""
    for check in CHECKS.values():
        check.load()
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if sys.argv[1] == "echo":
        server = echo.Server([sys.argv[2]], int(sys.argv[3]), sys.argv[4])
        print("ready", flush=True)
        while True:
            server.turn()
    print("ready", flush=True)
    for line in sys.stdin.buffer:
        name, request = line.decode().split(" ", 1)
        check = CHECKS[name]
        data = check.observe(msgspec.json.decode(request, type=check.request), Context(network=Network(sys.argv[2])))
        sys.stdout.buffer.write(msgspec.json.encode(data) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
