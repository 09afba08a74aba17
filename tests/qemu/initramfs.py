"""An initramfs that holds just what one Python program needs: the interpreter, and the files that a trial run loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRIAL = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
files = {m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)}
files |= {m.__spec__.cached for m in sys.modules.values() if getattr(m, "__spec__", None) and m.__spec__.cached}
with open("/proc/self/maps") as maps:
    files |= {line.split(maxsplit=5)[5].strip() for line in maps if line.count("/")}
print(json.dumps([sorted(file for file in files if file.startswith("/")), sys.path]))
"""
LOADER = Path("/lib64/ld-linux-x86-64.so.2")
"""What the kernel starts first, by the name that every program of this architecture gives it."""


def loaded(module: str) -> tuple[list[Path], list[str]]:
    """The files that importing a module reads, compiled code and shared libraries included, and the path it is on."""
    output = subprocess.run(
        [sys.executable, "-c", TRIAL, module], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    files, path = json.loads(output)
    return [Path(file) for file in files if Path(file).is_file()], [entry or str(ROOT) for entry in path]


def names_of(library: Path) -> list[Path]:
    """The links beside a shared library that programs ask for it by: `libffi.so.8` for `libffi.so.8.1.2`."""
    beside = library.parent.glob(f"{library.name.partition('.so')[0]}.so*")
    return [link for link in beside if link.is_symlink() and link.resolve() == library]


def interpreter() -> Path:
    """The interpreter itself, not the virtual environment's link to it."""
    return Path(os.path.realpath(sys.executable))


class Archive:
    """A cpio archive in the kernel's `newc` format (Linux, `driver-api/early-userspace/buffer-format`)."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._folders: set[str] = set()
        self._number = 0

    def copy(self, file: Path) -> None:
        """A file of this machine, at its own path. Its time is kept: compiled code is for a source of that time."""
        self.add(file, file.read_bytes(), 0o100755, int(file.stat().st_mtime))

    def add(self, path: str | Path, content: bytes, mode: int = 0o100644, time: int = 0) -> None:
        """A file at an absolute path; its folders come into being too."""
        name = str(path).lstrip("/")
        for folder in reversed(Path(name).parents):
            self.folder(folder)
        self._entry(name, mode, content, time)

    def link(self, path: str | Path, target: str) -> None:
        """A symbolic link."""
        self.add(path, target.encode(), 0o120777)

    def folder(self, path: str | Path) -> None:
        """A folder, once."""
        name = str(path).lstrip("/")
        if name != "." and name not in self._folders:
            self._folders.add(name)
            self._entry(name, 0o040755, b"", 0)

    def write(self, path: Path) -> None:
        """The archive as a file."""
        self._entry("TRAILER!!!", 0, b"", 0)
        path.write_bytes(self._content)

    def _entry(self, name: str, mode: int, content: bytes, time: int) -> None:
        self._number += 1
        encoded = name.encode() + b"\0"
        fields = (self._number, mode, 0, 0, 1, time, len(content), 0, 0, 0, 0, len(encoded), 0)
        self._content += b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self._align()
        self._content += content
        self._align()

    def _align(self) -> None:
        self._content += bytes(-len(self._content) % 4)
