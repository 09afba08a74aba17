"""The child: one picture as JSON on standard input, one PNG on standard output, and no more memory than is granted.

It is a process of its own, so matplotlib's memory goes with it, and nothing that it holds is anybody else's.
"""

import gc
import resource
import sys

import msgspec

from bot.pictures.model import Picture
from bot.processes import die_with_parent

MEMORY_BYTES = 1024 * 1024 * 1024
"""Of addresses, of which a tenth is ever used: NumPy and its fonts reserve more than they touch."""
CPU_S = 30


def main() -> None:
    """Draw what stands on standard input."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    # It ends before anything would have to be collected; importing takes a tenth less so.
    gc.disable()
    picture = msgspec.json.decode(sys.stdin.buffer.read(), type=Picture)
    from bot.pictures.drawing import png  # noqa: PLC0415 - after the limits are set

    sys.stdout.buffer.write(png(picture))


if __name__ == "__main__":
    main()
