"""The product in the lab: its own image built with buildah, its own chart installed with helm."""

import hashlib
import json
import os
import secrets
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab import images, vcenter
from tests.lab.addons import wait_for_rollout
from tests.lab.build import binary
from tests.lab.controlplane import apply
from tests.lab.layout import CACHE, CONTROL_PLANE, KUBECONFIG, REPOSITORY, RUN, nodes
from tests.lab.process import run
from tests.lab.runtime import import_images

NAMESPACE = "netcheck"
CLUSTER = "lab"
_REPOSITORY_NAME = "netcheck-lab/netcheck"
_SECRETS = RUN / "product.json"
ONCALL, PLATFORM = "U0ONCALL", "U0PLATFORM"
"""Of the stand-in for Slack: who may begin a fix, and approve what the other one began."""
_MAY = f'users = ["{ONCALL}", "{PLATFORM}"]'
ACCESS = "\n".join(f"[{verb}]\n{_MAY}\n" for verb in ("remediate", "approve", "digest"))
_ACCESS_FILE = RUN / "access.toml"
_WORKLOADS = (
    "deployment/netcheck-redis",
    "deployment/netcheck-worker",
    "deployment/netcheck-operator",
    "daemonset/netcheck-agent-host",
    "daemonset/netcheck-agent-pod",
)
_ARCHIVE = "product-"
_BASE_PACKAGES = "python3"
_NOT_IN_BASE = ("bash-completion", "doc", "info", "lintian", "locale", "man", "zoneinfo")
_APT_SOURCES = ("sources.list.d/debian.sources", "sources.list.d/ubuntu.sources", "sources.list")


def build_image() -> Path:
    """Build the product's image and return its archive; what has not changed comes from the cache."""
    base = _base_image()
    builder = f"{shlex.join(_buildah())} build --quiet --isolation chroot --layers --pull-never"
    run(
        str(REPOSITORY / "deploy" / "build-image"),
        f"{_REPOSITORY_NAME}:local",
        *("--build-arg", f"BASE={base}"),
        env={"BUILDER": builder, "PYTHON": _python_version(base)},
    )
    image = json.loads(run(*_buildah(), "inspect", "--type", "image", f"{_REPOSITORY_NAME}:local"))["FromImageID"]
    archive = images.FOLDER / f"{_ARCHIVE}{image[:12]}.tar"
    if not archive.exists():
        for old in images.FOLDER.glob(f"{_ARCHIVE}*.tar"):
            old.unlink()
        unfinished = archive.with_suffix(f".{os.getpid()}")
        name = f"{_REPOSITORY_NAME}:{_tag(archive)}"
        run(*_buildah(), "push", "--quiet", f"{_REPOSITORY_NAME}:local", f"docker-archive:{unfinished}:{name}")
        unfinished.replace(archive)
    return archive


def install(archive: Path) -> None:
    """Give the nodes the images and install the chart, or upgrade it."""
    archives = [archive, images.redis_image()]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda node: import_images(node, archives), nodes()))
    namespace = {"name": NAMESPACE, "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": namespace})
    _ACCESS_FILE.write_text(ACCESS)
    values = RUN / "values.json"
    values.write_text(json.dumps(_values(_tag(archive))))
    run(
        *(str(binary("helm")), "upgrade", "--install", "netcheck", str(REPOSITORY / "deploy" / "chart")),
        *(f"--kubeconfig={KUBECONFIG}", f"--namespace={NAMESPACE}", f"--values={values}"),
        env={f"HELM_{kind}_HOME": str(RUN / "helm") for kind in ("CACHE", "CONFIG", "DATA")},
    )


def wait_until_ready() -> None:
    """Wait until every part of the product is ready.

    Raises:
        LabError: one of them is not in time.
    """
    for resource in _WORKLOADS:
        wait_for_rollout(NAMESPACE, resource)


def environment() -> dict[str, str]:
    """Return the variables with which `netcheck` on this machine talks to the lab."""
    values: dict[str, str] = {"KUBECONFIG": str(KUBECONFIG)}
    if _SECRETS.exists():
        known = _known_secrets()
        values |= {
            "NETCHECK_CLUSTER": CLUSTER,
            "NETCHECK_REDIS_URL": f"redis://:{known['password']}@{CONTROL_PLANE.address}:6379/0",
            "NETCHECK_JOB_KEY": known["jobKey"],
            "NETCHECK_OPERATIONS_KEY": known["operationsKey"],
            "NETCHECK_ACCESS": str(_ACCESS_FILE),
        }
    return values


def _known_secrets() -> dict[str, str]:
    """Return the Redis password and the signing keys of this lab, made at the first call."""
    if not _SECRETS.exists():
        _SECRETS.touch(mode=0o600)
        made = {"password": secrets.token_hex(16), "jobKey": secrets.token_hex(32)}
        _SECRETS.write_text(json.dumps({**made, "operationsKey": secrets.token_hex(32)}))
    known: dict[str, str] = json.loads(_SECRETS.read_text())
    return known


def _values(tag: str) -> dict[str, object]:
    known = _known_secrets()
    return {
        "cluster": CLUSTER,
        "image": {"repository": _REPOSITORY_NAME, "tag": tag},
        "jobKey": known["jobKey"],
        "operationsKey": known["operationsKey"],
        "access": ACCESS,
        "operator": {
            "enabled": True,
            "offloads": {"enabled": True},
            "vcenter": {
                "host": vcenter.HOST,
                "port": vcenter.PORT,
                "user": vcenter.USER,
                "password": vcenter.PASSWORD,
                "ca": vcenter.CA_FILE.read_text(),
            },
        },
        "redis": {
            "image": images.REDIS,
            "password": known["password"],
            "hostNetwork": True,
            "address": CONTROL_PLANE.address,
            "nodeSelector": {"kubernetes.io/hostname": CONTROL_PLANE.name},
            "tolerations": [{"operator": "Exists"}],
        },
    }


def _tag(archive: Path) -> str:
    return archive.stem.removeprefix(_ARCHIVE)


def _buildah() -> list[str]:
    storage = CACHE / "storage"
    storage.mkdir(parents=True, exist_ok=True)
    driver = "overlay" if images.overlay_works_on(storage) else "vfs"
    options = ["--root", str(storage), "--runroot", f"{storage}-run", "--storage-driver", driver]
    # In mounts of its own, so that nothing stays mounted when it is killed.
    return ["unshare", "--mount", "buildah", *options]


def _base_image() -> str:
    """Return the name of an image with Python, of this machine's distribution, making it if it is not there."""
    release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    suite = release["VERSION_CODENAME"].strip('"')
    excludes = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _NOT_IN_BASE]
    sources = next(path for name in _APT_SOURCES if (path := Path("/etc/apt", name)).exists())
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_BASE_PACKAGES}", *excludes, suite]
    name = f"localhost/netcheck-lab/base:{hashlib.sha256(shlex.join(command).encode()).hexdigest()[:12]}"
    if not run(*_buildah(), "images", "--quiet", "--filter", f"reference={name}").strip():
        images.FOLDER.mkdir(parents=True, exist_ok=True)
        filesystem = images.FOLDER / "base.tar"
        run("unshare", "--mount", *command, str(filesystem), str(sources), env={"TMPDIR": str(images.FOLDER)})
        container = run(*_buildah(), "from", "scratch").strip()
        run(*_buildah(), "add", "--quiet", container, str(filesystem), "/")
        run(*_buildah(), "commit", "--quiet", "--rm", container, name)
        filesystem.unlink()
    return name


def _python_version(base: str) -> str:
    container = run(*_buildah(), "from", "--pull-never", base).strip()
    try:
        said = run(*_buildah(), "run", "--isolation", "chroot", container, "--", "python3", "--version")
    finally:
        run(*_buildah(), "rm", container)
    return ".".join(said.split()[1].split(".")[:2])
