"""Container images made on this machine, as archives that containerd imports: no registry is needed."""

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.build import binary
from tests.lab.layout import CACHE
from tests.lab.process import run

PAUSE = "registry.k8s.io/pause:3.10"
COREDNS = "registry.k8s.io/coredns/coredns:v1.12.4"
METALLB_CONTROLLER = "quay.io/metallb/controller:v0.15.2"
METALLB_SPEAKER = "quay.io/metallb/speaker:v0.15.2"
FLANNEL = "ghcr.io/flannel-io/flannel:v0.28.10"
REDIS = "netcheck-lab/redis:local"

FOLDER = CACHE / "images"


@dataclass(frozen=True)
class Image:
    """An image of one layer: some files of this machine and a command."""

    name: str
    files: dict[str, Path]
    """Path in the image -> file on this machine."""
    entrypoint: tuple[str, ...]
    settings: dict[str, object] = field(default_factory=dict)
    """Further fields of the image's configuration, such as User."""


def overlay_works_on(folder: Path) -> bool:
    """Tell whether an overlay filesystem can be made of layers below this folder: not if it lies on one itself."""
    return run("stat", "--file-system", "--format=%T", str(folder)).strip() != "overlayfs"


def cluster_images() -> list[Path]:
    """Return the archives that every node may need before there is a product in it, building what is missing."""
    return [
        _flannel_image(),
        archive(Image(PAUSE, {"pause": binary("pause")}, ("/pause",))),
        archive(Image(COREDNS, {"coredns": binary("coredns")}, ("/coredns",))),
        archive(Image(METALLB_CONTROLLER, {"controller": binary("controller")}, ("/controller",))),
        archive(Image(METALLB_SPEAKER, {"speaker": binary("speaker")}, ("/speaker",))),
    ]


def _flannel_image() -> Path:
    """Flannel's daemon with this machine's nftables, and with iptables, whose former rules it takes away first."""
    files = {**_linked("/usr/sbin/nft"), **_linked("/usr/sbin/iptables"), "flanneld": binary("flanneld")}
    for name in ("iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"):
        files[f"usr/sbin/{name}"] = files["usr/sbin/iptables"]
    for plugin in Path("/usr/lib").glob("*-linux-gnu/xtables/*.so"):
        files[str(plugin).lstrip("/")] = plugin
    return archive(Image(FLANNEL, files, ("/flanneld",), {"Env": ["PATH=/usr/sbin:/usr/bin:/bin"]}))


def redis_image() -> Path:
    """Return the archive of an image with this machine's redis-server and the libraries that it is linked with."""
    files = _linked("/usr/bin/redis-server")
    return archive(Image(REDIS, files, ("/usr/bin/redis-server",), {"User": "65534:65534", "WorkingDir": "/data"}))


def _linked(program: str) -> dict[str, Path]:
    """A program of this machine with the libraries that it is linked with, by their paths in an image."""
    libraries = re.findall(r"(/\S+) \(0x", run("ldd", program))
    return {path.lstrip("/"): Path(os.path.realpath(path)) for path in (program, *libraries)}


def archive(image: Image) -> Path:
    """Write the image as a docker-archive into the cache, unless it is there, and return its path."""
    settings: dict[str, object] = {
        "Entrypoint": list(image.entrypoint),
        "Env": ["PATH=/usr/bin:/bin"],
        **image.settings,
    }
    stamp = hashlib.sha256(json.dumps([image.name, settings], sort_keys=True).encode())
    for name, path in sorted(image.files.items()):
        status = path.stat()
        stamp.update(f"{name} {path} {status.st_size} {status.st_mtime_ns}\n".encode())
    short = re.sub(r"[^a-z0-9.]+", "-", image.name)
    target = FOLDER / f"{short}-{stamp.hexdigest()[:12]}.tar"
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(f".{os.getpid()}")
        _write_archive(unfinished, image.name, _layer(image.files), settings)
        unfinished.replace(target)
    return target


def _layer(files: dict[str, Path]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name, path in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o755
            with path.open("rb") as content:
                layer.addfile(entry, content)
    return buffer.getvalue()


def _write_archive(path: Path, name: str, layer: bytes, settings: dict[str, object]) -> None:
    config = json.dumps(
        {
            "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine],
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, mode="w") as out:
        for member, content in (("layer.tar", layer), ("config.json", config), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
