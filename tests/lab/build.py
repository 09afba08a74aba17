"""Builds the cluster's programs from their Go modules into the cache, one by one, skipping what is there."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.layout import CACHE, SOURCE, LabError

KUBERNETES_VERSION = "v1.34.4"
GO_MINIMUM = (1, 26)


@dataclass(frozen=True)
class Program:
    """One command of a Go module in `tests/lab/go`."""

    name: str
    module: str
    package: str
    ldflags: str = "-s -w"


_VERSIONED = f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES_VERSION}"
_CHARTUTIL = "helm.sh/helm/v3/pkg/chartutil"
_HELM = f"-s -w -X {_CHARTUTIL}.k8sVersionMajor=1 -X {_CHARTUTIL}.k8sVersionMinor=34"
"""The Kubernetes version for which `helm template` renders."""

PROGRAMS = (
    Program("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", _VERSIONED),
    Program("etcd", "kubernetes", "go.etcd.io/etcd/server/v3"),
    Program("kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager", _VERSIONED),
    Program("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", _VERSIONED),
    Program("kubelet", "kubernetes", "k8s.io/kubernetes/cmd/kubelet", _VERSIONED),
    Program("kube-proxy", "kubernetes", "k8s.io/kubernetes/cmd/kube-proxy", _VERSIONED),
    Program("kubectl", "kubernetes", "k8s.io/kubernetes/cmd/kubectl", _VERSIONED),
    Program("pause", "pause", "netcheck.invalid/lab/pause"),
    Program("coredns", "addons", "netcheck.invalid/lab/addons/coredns"),
    Program("controller", "addons", "go.universe.tf/metallb/controller"),
    Program("speaker", "addons", "go.universe.tf/metallb/speaker"),
    Program("helm", "addons", "helm.sh/helm/v3/cmd/helm", _HELM),
    Program("flanneld", "flannel", "github.com/flannel-io/flannel", "-s -w -extldflags=-static"),
    Program("vcenter", "vcenter", "netcheck.invalid/lab/vcenter"),
)
"""In the order in which a first start needs them; the API server's build also warms the Go cache for the others."""
_CGO = frozenset({"flanneld"})
"""What is partly C: one of its backends has no other form on amd64."""


def module_folder(module: str) -> Path:
    """Return the cache folder of one Go module, named after all that its programs are built from."""
    digest = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        digest.update((SOURCE / "go" / module / name).read_bytes())
    digest.update(repr([program for program in PROGRAMS if program.module == module]).encode())
    for path in sorted((SOURCE / "go" / module).rglob("*.go")):
        digest.update(path.read_bytes())
    return CACHE / f"{module}-{digest.hexdigest()[:12]}"


def binary(name: str) -> Path:
    """Return the path of a built program.

    Raises:
        LabError: it has not been built.
    """
    for program in PROGRAMS:
        if program.name == name:
            path = module_folder(program.module) / name
            if not path.exists():
                raise LabError(f"{name} is not built yet: run `python -m tests.lab build`")
            return path
    raise LabError(f"the lab has no program {name!r}")


def module_source(module: str, package: str) -> Path:
    """Return the folder in which Go keeps the sources of a required module."""
    listed = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", package],
        cwd=SOURCE / "go" / module,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(listed.stdout.strip())


def build_programs(*names: str) -> None:
    """Build the programs of these names, or all of them, as far as they are not in the cache.

    Raises:
        LabError: Go is missing or too old, or a build fails.
    """
    wanted = [each for each in PROGRAMS if each.name in names or not names]
    missing = [each for each in wanted if not (module_folder(each.module) / each.name).exists()]
    if missing:
        _require_go()
    for position, program in enumerate(missing, 1):
        _build(program, f"[{position}/{len(missing)}]")
    _link_all()


def _build(program: Program, label: str) -> None:
    folder = module_folder(program.module)
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{program.name}.{os.getpid()}"
    command = ["go", "build", "-trimpath", f"-ldflags={program.ldflags}", "-o", str(unfinished), program.package]
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=SOURCE / "go" / program.module,
        env=_environment() | ({"CGO_ENABLED": "1"} if program.name in _CGO else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        done = threading.Event()
        ticker = threading.Thread(target=_tick, args=(f"{label} {program.name}", started, done), daemon=True)
        ticker.start()
        assert process.stdout is not None
        output = process.stdout.read()
        failed = process.wait() != 0
        done.set()
        ticker.join()
    if failed:
        unfinished.unlink(missing_ok=True)
        raise LabError(f"building {program.name} failed:\n{output}")
    unfinished.replace(folder / program.name)
    print(f"{label} {program.name}: built in {time.monotonic() - started:.0f} s", flush=True)


def _tick(label: str, started: float, done: threading.Event) -> None:
    interval = 1.0 if sys.stdout.isatty() else 30.0
    while not done.wait(interval):
        line = f"{label}: building, {time.monotonic() - started:.0f} s"
        print(f"\r{line}", end="", flush=True) if sys.stdout.isatty() else print(line, flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def _link_all() -> None:
    """Keep `.cache/lab/bin` a folder of links to the current builds, for people's PATH."""
    links = CACHE / "bin"
    links.mkdir(parents=True, exist_ok=True)
    for program in PROGRAMS:
        target = Path("..") / module_folder(program.module).name / program.name
        if not (links / target).exists():
            continue
        link = links / program.name
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)


def _require_go() -> None:
    wanted = ".".join(map(str, GO_MINIMUM))
    if shutil.which("go") is None:
        raise LabError(f"the lab builds its programs from source: install Go {wanted} or newer")
    said = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    version = tuple(int(part) for part in said.removeprefix("go").split(".")[:2])
    if version < GO_MINIMUM:
        raise LabError(f"the lab needs Go {wanted} or newer, this is {said}")


def _environment() -> dict[str, str]:
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly", "GOWORK": "off"}
