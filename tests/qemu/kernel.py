"""Debian's generic kernel, which carries the drivers of both adapters, unpacked into a cache.

It is never installed on the machine that runs the tests.
"""

import lzma
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "qemu"
METAPACKAGE = "linux-image-amd64"
DEPENDS = re.compile(rb"\0depends=([\w,-]*)\0")
"""What a module says of itself, in its section `.modinfo`."""


@dataclass(frozen=True)
class Kernel:
    """A kernel image and the folder of its modules."""

    image: Path
    modules: Path

    def load_order(self, *names: str) -> dict[str, bytes]:
        """These modules and what they depend on, in the order in which they can be loaded."""
        files = {path.name.split(".")[0].replace("-", "_"): path for path in self.modules.rglob("*.ko*")}
        order: dict[str, bytes] = {}

        def add(name: str) -> None:
            content = module(files[name])
            found = DEPENDS.search(content)
            for needed in found[1].decode().split(",") if found and found[1] else ():
                if needed not in order:
                    add(needed.replace("-", "_"))
            order[name] = content

        for name in names:
            add(name)
        return order


def kernel() -> Kernel:
    """The current one, downloaded on the first call.

    Raises:
        subprocess.CalledProcessError: apt or dpkg failed; they say why on the terminal.
    """
    depends = subprocess.run(["apt-cache", "depends", METAPACKAGE], check=True, capture_output=True, text=True).stdout
    package = next(line.split()[-1] for line in depends.splitlines() if "Depends: linux-image-" in line)
    folder = CACHE / package
    if not folder.exists():
        unpack(package, folder)
    return Kernel(image=next(folder.glob("boot/vmlinuz-*")), modules=folder)


def unpack(package: str, folder: Path) -> None:
    """Download and unpack; the folder appears only when it is complete."""
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    subprocess.run(["apt-get", "download", "--quiet", package], check=True, cwd=partial)
    (archive,) = partial.glob("*.deb")
    subprocess.run(["dpkg-deb", "--extract", archive, partial], check=True)
    archive.unlink()
    partial.rename(folder)


def module(file: Path) -> bytes:
    """A module as the kernel loads it; newer Debian packages compress them."""
    content = file.read_bytes()
    return lzma.decompress(content) if file.suffix == ".xz" else content
