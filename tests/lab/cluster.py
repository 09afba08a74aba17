"""Starts the whole lab, stops it, and says how it is."""

import contextlib
import fcntl
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from tests.lab import (
    addons,
    build,
    cgroups,
    controlplane,
    hardware,
    images,
    network,
    prerequisites,
    product,
    runtime,
    vcenter,
)
from tests.lab.faults import switch
from tests.lab.layout import LOCK, RUN, LabError, Node, Shape, choose, nodes, shape
from tests.lab.process import daemons, run

_STATE = RUN / "state.json"
_LOCK_PATIENCE = 5.0


def up(chosen: Shape, *, bare: bool) -> None:
    """Start the lab: the cluster, and unless `bare` the product in it.

    Raises:
        LabError: a lab is running, something it needs is missing, there can be no such lab, or a part did not start.
    """
    chosen.check()
    prerequisites.check()
    with locked():
        if is_up():
            raise LabError("a lab is running already: `python -m tests.lab status` shows it, `down` stops it")
        build.build_programs()
        archives = images.cluster_images()
        _clean()
        _refuse_foreign_names(chosen)
        started = time.monotonic()
        RUN.mkdir(mode=0o755)
        choose(chosen)
        try:
            _start(archives, bare=bare)
        except LabError as error:
            raise LabError(
                f"{error}\nWhat has started is left to be looked at; `down` or another `up` removes it"
            ) from None
        _STATE.write_text(json.dumps({"bare": bare}) + "\n")
        print(f"the lab is up after {time.monotonic() - started:.0f} s", flush=True)


def build_all() -> None:
    """Build the programs and images that are not in the cache.

    Raises:
        LabError: something that the build needs is missing, or it fails.
    """
    prerequisites.check()
    build.build_programs()
    images.cluster_images()
    with _step("netcheck's image"):
        product.build_image()


def down() -> None:
    """Stop the lab and remove all of it, whatever state it is in."""
    with locked():
        _clean()


def deploy() -> None:
    """Build the product's image as the code is now and roll it out in the running lab."""
    require_up()
    with locked():
        if not vcenter.is_running():
            vcenter.start()
        product.install(product.build_image())
        product.wait_until_ready()


def is_up() -> bool:
    """Tell whether a lab has been started completely and anything of it still runs."""
    return _STATE.exists() and any(daemons().values())


def require_up() -> None:
    """Raise LabError unless a lab is running."""
    if not is_up():
        raise LabError("the lab is not running: start it with `python -m tests.lab up`")


def status() -> dict[str, object]:
    """Return the options of `up`, the nodes, the faults that are on, and every daemon with whether it is alive."""
    require_up()
    present = network.switched_on()
    told = {each.name: {"on": each in present, "adapter": hardware.adapter(each)} for each in nodes()}
    return {
        **asdict(shape()),
        **json.loads(_STATE.read_text()),
        "nodes": told,
        "faults": switch.active(),
        "daemons": daemons(),
    }


def _start(archives: list[Path], *, bare: bool) -> None:
    with ThreadPoolExecutor() as pool:
        image = None if bare else pool.submit(product.build_image)
        _start_cluster(archives)
        if image:
            with _step("vCenter's simulator"):
                vcenter.start()
            with _step("netcheck's images and chart"):
                product.install(image.result())
        with _step("CoreDNS and MetalLB ready"):
            addons.wait_until_ready()
        if image:
            with _step("netcheck ready"):
                product.wait_until_ready()


def _start_cluster(archives: list[Path]) -> None:
    with _step("network"):
        network.create()
    with ThreadPoolExecutor() as pool, _step("control plane and container runtimes"):
        controlplane.create_credentials()
        runtimes = [pool.submit(_start_runtime, node, archives) for node in nodes()]
        addons.start_upstream_resolver()
        controlplane.start_api()
        controlplane.start_controllers()
        addons.create_nodes()
        for each in runtimes:
            each.result()
    with _step("kubelets, CoreDNS and MetalLB"):
        for node in nodes():
            runtime.start_kubelet(node)
            runtime.start_kube_proxy(node)
        addons.install()


def _start_runtime(node: Node, archives: list[Path]) -> None:
    runtime.start_container_runtime(node)
    runtime.import_images(node, archives)


def _clean() -> None:
    """Remove everything that a lab leaves, in an order that works from any state."""
    cgroups.kill()
    cgroups.remove()
    if not RUN.exists():
        return
    network.remove()
    run("rm", "-rf", "--one-file-system", str(RUN))
    for folder in runtime.HOST_FOLDERS:
        # Only the mount points that the nodes' own folders were mounted on are empty.
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _refuse_foreign_names(chosen: Shape) -> None:
    if names := network.names_in_use(chosen.names):
        raise LabError(f"these are in use by something that is not the lab: {', '.join(names)}")


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Hold the lab against every other command that changes it.

    Raises:
        LabError: another command has held it for too long.
    """
    with LOCK.open("a") as lock:
        deadline = time.monotonic() + _LOCK_PATIENCE
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() > deadline:
                raise LabError("another command is starting or changing the lab: wait until it is done, or end it")
            time.sleep(0.1)
        yield


@contextlib.contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{name} …", flush=True)
    yield
    print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
