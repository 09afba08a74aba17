"""The transport reads a snapshot and makes dry runs; whatever the API server does is told, never raised."""

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
import pytest

from checks.cluster import transport
from checks.cluster.api import Cluster, ClusterUnavailable
from checks.cluster.snapshot import Gap
from tests.checks.api_server import APIServer, Request, answer, items, kubeconfig, serving, status
from tests.checks.certificates import issue, tls_server

PODS = "/api/v1/namespaces/kube-system/pods"
POOLS = "/apis/metallb.io/v1beta1/ipaddresspools"
POOL_CREATE = "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools"


@pytest.fixture
def api() -> Iterator[APIServer]:
    """A server that plays the API server."""
    with serving() as server:
        yield server


@pytest.fixture
def cluster(api: APIServer, tmp_path: Path) -> Cluster:
    """The transport, connected to it by a kubeconfig."""
    return Cluster.connect("lab", kubeconfig=kubeconfig(tmp_path, api.url))


def test_empty_cluster_has_no_gap(cluster: Cluster) -> None:
    """Lists without items are well: nothing is missing."""
    snapshot = cluster.snapshot()
    assert ("lab", "v1.34.4", ()) == (snapshot.cluster, snapshot.server_version, snapshot.gaps)


def test_token_is_sent_and_pages_are_small(cluster: Cluster, api: APIServer) -> None:
    """Every request carries the kubeconfig's token; every list asks for pages, for small ones of large objects."""
    cluster.snapshot()
    assert {"Bearer secret-token"} == {headers["Authorization"] for headers in api.headers}
    limits = {path.rpartition("/")[2]: query["limit"] for path, query, _ in api.requests if path != "/version"}
    assert "50" == limits.pop("customresourcedefinitions")
    assert {"500"} == set(limits.values())


def test_fields_are_decoded(cluster: Cluster, api: APIServer) -> None:
    """API JSON lands in the snapshot's types; kinds are set, although items of a list carry none."""
    api.responders["/api/v1/nodes"] = items(
        {
            "metadata": {"name": "cp", "labels": {"node-role.kubernetes.io/control-plane": ""}},
            "spec": {"podCIDRs": ["10.244.0.0/24"]},
            "status": {
                "addresses": [{"type": "InternalIP", "address": "172.30.0.10"}, {"type": "Hostname", "address": "cp"}],
            },
        }
    )
    api.responders[POOLS] = items({"metadata": {"name": "pool"}, "spec": {"addresses": ["192.0.2.0/24"]}})
    snapshot = cluster.snapshot()
    (node,) = snapshot.nodes
    assert ("cp", ("172.30.0.10",), True) == (node.name, node.internal_ips, node.control_plane)
    assert [("IPAddressPool", "pool")] == [(o.kind, o.metadata.name) for o in snapshot.metallb]


def test_pages_are_followed(cluster: Cluster, api: APIServer) -> None:
    """A list longer than a page is read to its end, in order."""

    def pages(handler: BaseHTTPRequestHandler, request: Request) -> None:
        start = int(request[1].get("continue", 0))
        names = [{"metadata": {"name": f"n{i}"}} for i in range(start, min(start + 2, 5))]
        following = str(start + 2) if start + 2 < 5 else ""
        answer(handler, {"metadata": {"continue": following}, "items": names})

    api.responders["/api/v1/nodes"] = pages
    assert ["n0", "n1", "n2", "n3", "n4"] == [node.name for node in cluster.snapshot().nodes]


def test_forbidden_names_verb_and_namespace(cluster: Cluster, api: APIServer) -> None:
    """A missing permission is a gap that names what a role would have to allow; the rest is still read."""
    words = 'pods is forbidden: User "x" cannot list resource "pods"'
    api.responders[PODS] = status(403, words)
    api.responders["/api/v1/namespaces/metallb-system/pods"] = items({"metadata": {"name": "controller"}})
    snapshot = cluster.snapshot()
    assert (Gap(verb="list pods", reason="forbidden", message=f"in namespace kube-system: HTTP 403: {words}"),) == (
        snapshot.gaps
    )
    assert ["controller"] == [pod.metadata.name for pod in snapshot.pods]


def test_absent_custom_resources_are_not_installed(cluster: Cluster, api: APIServer) -> None:
    """Without MetalLB's resource definitions its lists answer 404."""
    api.responders[POOLS] = status(404, "the server could not find the requested resource")
    gap = cluster.snapshot().gap("ipaddresspools")
    assert gap
    assert ("list ipaddresspools.metallb.io", "not-installed") == (gap.verb, gap.reason)


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_silent_or_endless_list_times_out(
    api: APIServer, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that never comes, or never ends, is a gap after its time, and holds nothing else up."""
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT_S", 0.2)
    cluster = Cluster.connect(kubeconfig=kubeconfig(tmp_path, api.url), read_timeout_s=0.4)
    api.responders[PODS] = getattr(api, how)
    started = time.monotonic()
    snapshot = cluster.snapshot()
    assert time.monotonic() - started < 10
    assert [("list pods", "timeout")] == [(gap.verb, gap.reason) for gap in snapshot.gaps]


def test_half_written_list_is_a_gap(cluster: Cluster, api: APIServer) -> None:
    """A body that ends before its announced length is no list."""

    def half(handler: BaseHTTPRequestHandler, _: Request) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"items": [{"metadata": {"na')
        handler.close_connection = True

    api.responders["/api/v1/nodes"] = half
    snapshot = cluster.snapshot()
    assert ((), [("list nodes", "unreachable")]) == (snapshot.nodes, [(gap.verb, gap.reason) for gap in snapshot.gaps])


def test_list_that_is_no_json_is_a_gap(cluster: Cluster, api: APIServer) -> None:
    """A proxy's page in place of JSON is a gap that says invalid."""
    api.responders["/api/v1/nodes"] = lambda handler, _: answer(handler, b"<html>captive portal</html>")
    assert [("list nodes", "invalid")] == [(gap.verb, gap.reason) for gap in cluster.snapshot().gaps]


def test_one_odd_item_loses_only_itself(cluster: Cluster, api: APIServer) -> None:
    """An object of an unexpected shape is told in a gap; its neighbours are read."""
    api.responders["/api/v1/nodes"] = items({"metadata": {"name": 5}}, {"metadata": {"name": "w1"}})
    snapshot = cluster.snapshot()
    assert (["w1"], ["invalid"]) == ([node.name for node in snapshot.nodes], [gap.reason for gap in snapshot.gaps])


def test_pods_share_what_they_have_in_common(cluster: Cluster, api: APIServer) -> None:
    """Thousands of pods of one DaemonSet are of the same containers: kept once, they are half as large."""
    owner = {"ownerReferences": [{"kind": "DaemonSet", "name": "proxy", "uid": "u"}]}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    api.responders[PODS] = items(
        *(
            {
                "metadata": {"name": name} | owner,
                "spec": {"containers": [{"name": "proxy", "image": "proxy:1", "args": ["--v=1"]}]},
                "status": ready,
            }
            for name in ("a", "b")
        )
    )
    first, second = cluster.snapshot().pods
    assert (["a", "b"], True, True, True) == (
        [first.metadata.name, second.metadata.name],
        first.spec.containers is second.spec.containers,
        first.status.conditions is second.status.conditions,
        first.metadata.owner_references is second.metadata.owner_references,
    )


NESTED = b'{"metadata": {"name": "deep"}, "spec": {"x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}"
NOT_UTF8 = b'{"metadata": {"name": "caf\xe9"}}'


@pytest.mark.parametrize("odd", [NESTED, NOT_UTF8, b'{"metadata": {"labels": {"\xff": "x"}}}'])
@pytest.mark.parametrize("path", ["/api/v1/nodes", POOLS])
def test_what_no_json_parser_takes_is_a_gap(cluster: Cluster, api: APIServer, odd: bytes, path: str) -> None:
    """Nested without end, or no UTF-8: told as invalid, and everything else is read."""
    page = b'{"items": [' + odd + b"]}"
    api.responders[path] = lambda handler, _: answer(handler, page)
    api.responders["/api/v1/services"] = items({"metadata": {"name": "s"}})
    snapshot = cluster.snapshot()
    assert {"invalid"} >= {gap.reason for gap in snapshot.gaps}
    assert (["s"], True) == (
        [s.metadata.name for s in snapshot.services],
        bool(snapshot.gaps) or path == "/api/v1/nodes",
    )


@pytest.mark.parametrize("body", [NESTED, NOT_UTF8, b"\xff\xfe"])
def test_errors_in_such_words_are_kept(cluster: Cluster, api: APIServer, body: bytes) -> None:
    """A proxy's page in Latin-1, as far as it can be read."""
    api.responders["/api/v1/nodes"] = lambda handler, _: answer(handler, body, 500)
    (gap,) = cluster.snapshot().gaps
    assert ("list nodes", True) == (gap.verb, gap.message.startswith("HTTP 500: "))
    assert msgspec.json.encode(gap)


def test_busy_api_server_is_asked_again(cluster: Cluster, api: APIServer) -> None:
    """429 means that nothing was done: after as many seconds as it asks for, and once more for a dry run too."""
    asked: dict[str, list[float]] = {"/api/v1/nodes": [], POOL_CREATE: []}

    def busy_once(handler: BaseHTTPRequestHandler, request: Request) -> None:
        times = asked[request[0]]
        times.append(time.monotonic())
        if len(times) > 1:
            answer(handler, {"items": [{"metadata": {"name": "w1"}}]})
            return
        handler.send_response(429)
        handler.send_header("Retry-After", "1")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    api.responders |= dict.fromkeys(asked, busy_once)
    snapshot = cluster.snapshot()
    result = cluster.dry_run_create(POOL_CREATE, {}, 5)

    assert (["w1"], (), 200) == ([n.name for n in snapshot.nodes], snapshot.gaps, result.status)
    assert [True, True] == [later - first >= 1 for first, later in asked.values()]


def test_api_server_that_stays_busy_is_a_gap(api: APIServer, tmp_path: Path) -> None:
    """It is asked for as long as one answer may take, and the gap says what it was."""
    api.responders["/api/v1/nodes"] = status(429, "Too many requests, please try again later.")
    cluster = Cluster.connect(kubeconfig=kubeconfig(tmp_path, api.url), read_timeout_s=1.5)
    (gap,) = cluster.snapshot().gaps
    assert ("list nodes", "busy", "HTTP 429: Too many requests, please try again later.") == (
        gap.verb,
        gap.reason,
        gap.message,
    )
    assert 2 == sum(path == "/api/v1/nodes" for path, _, _ in api.requests)


def test_null_items_are_an_empty_list(cluster: Cluster, api: APIServer) -> None:
    """Go writes an empty slice as null."""
    api.responders["/api/v1/nodes"] = lambda handler, _: answer(handler, {"items": None})
    assert ((), ()) == (cluster.snapshot().nodes, cluster.snapshot().gaps)


def test_secrets_do_not_enter_the_snapshot(cluster: Cluster, api: APIServer) -> None:
    """Environment variables but the proxy's, kubectl's copy of an object and foreign ConfigMaps are left out."""
    env = [{"name": "HTTPS_PROXY", "value": "http://proxy"}, {"name": "DB_PASSWORD", "value": "hunter2"}]
    api.responders[PODS] = items(
        {
            "metadata": {
                "name": "kube-apiserver-cp",
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2", "kept": "yes"},
            },
            "spec": {"containers": [{"name": "kube-apiserver", "env": env}]},
        }
    )
    api.responders["/api/v1/namespaces/kube-system/configmaps"] = items(
        {"metadata": {"name": "coredns"}, "data": {"Corefile": "."}},
        {"metadata": {"name": "mine"}, "data": {"password": "hunter2"}},
    )
    snapshot = cluster.snapshot()
    (pod,) = snapshot.pods
    assert ({"kept": "yes"}, ["HTTPS_PROXY"]) == (
        pod.metadata.annotations,
        [e.name for e in pod.spec.containers[0].env],
    )
    assert b"hunter2" not in msgspec.json.encode(snapshot)


SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
SLICE = {
    "metadata": {
        "name": "x",
        "namespace": "cert-manager",
        "labels": {"kubernetes.io/service-name": "cert-manager-webhook", "app": "x"},
        "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": "2026-11-25T10:00:00Z"},
    },
    "endpoints": [{"addresses": ["10.244.1.5"], "nodeName": "w1"}, {"addresses": ["10.244.1.6"], "nodeName": "w1"}],
    "ports": None,
}


def test_slices_of_every_namespace_are_read(cluster: Cluster, api: APIServer) -> None:
    """Every Service's endpoints are in the snapshot, with what checks read of them, what is alike kept once."""
    api.responders[SLICES] = items(SLICE)
    (found,) = cluster.snapshot().endpoint_slices
    first, second = found.endpoints or ()

    assert ({"kubernetes.io/service-name": "cert-manager-webhook"}, {}) == (
        found.metadata.labels,
        found.metadata.annotations,
    )
    assert (True, True) == (first.conditions is second.conditions, first.node_name is second.node_name)


def test_slices_of_every_webhooks_namespace_are_read_where_no_more_is_permitted(
    cluster: Cluster, api: APIServer
) -> None:
    """A webhook elsewhere than in the system namespaces has its Service's EndpointSlices in the snapshot."""
    api.responders["/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"] = items(
        {
            "metadata": {"name": "cert-manager"},
            "webhooks": [
                {
                    "name": "a",
                    "clientConfig": {"service": {"name": "cert-manager-webhook", "namespace": "cert-manager"}},
                }
            ],
        }
    )
    api.responders[SLICES] = status(403, "forbidden")
    api.responders["/apis/discovery.k8s.io/v1/namespaces/cert-manager/endpointslices"] = items(SLICE)
    snapshot = cluster.snapshot()
    assert ["10.244.1.5", "10.244.1.6"] == [
        e.addresses[0] for e, _ in snapshot.endpoints("cert-manager", "cert-manager-webhook")
    ]
    assert "MutatingWebhookConfiguration" == snapshot.webhook_configurations[0].kind
    assert ["list endpointslices.discovery.k8s.io"] == [gap.verb for gap in snapshot.gaps]


def test_other_workloads_tell_which_services_are_theirs_and_no_more(cluster: Cluster, api: APIServer) -> None:
    """Labels and ports of a workload that is no part of the network, without its image, arguments and variables."""
    container = {
        "name": "shop",
        "image": "shop:1",
        "args": ["--password=hunter2"],
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    api.responders["/apis/apps/v1/deployments"] = items(
        {
            "metadata": {"name": "shop", "namespace": "prod", "annotations": {"x": "hunter2"}},
            "spec": {
                "replicas": 0,
                "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [container]}},
            },
        }
    )
    (found,) = cluster.snapshot().workloads

    assert b"hunter2" not in msgspec.json.encode(found)
    assert (False, {"app": "shop"}, 8080) == (
        found.is_wanted,
        found.makes.metadata.labels,
        found.makes.spec.containers[0].ports[0].container_port,
    )


def test_who_is_behind_an_address_of_a_load_balancer_is_read(cluster: Cluster, api: APIServer) -> None:
    """Whether it is announced depends on that; of other Services nobody asks, where the whole cluster may not be."""
    made = [
        {"metadata": {"name": name, "namespace": name}, "spec": {"type": kind}}
        for name, kind in (("shop", "LoadBalancer"), ("inner", "ClusterIP"))
    ]
    api.responders["/api/v1/services"] = items(*made)
    slices = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"
    api.responders[SLICES] = status(403, "forbidden")
    api.responders[slices.format("shop")] = items({"metadata": {"name": "x", "namespace": "shop"}})
    assert ["shop"] == [s.metadata.namespace for s in cluster.snapshot().endpoint_slices]
    assert slices.format("inner") not in [path for path, _, _ in api.requests]


def test_the_password_of_a_router_is_not_kept(cluster: Cluster, api: APIServer) -> None:
    """Only that there is one: with a Secret beside it MetalLB refuses the peer."""
    api.responders["/apis/metallb.io/v1beta2/bgppeers"] = items(
        {"metadata": {"name": "router"}, "spec": {"password": "hunter2", "myASN": 64512}}
    )
    (peer,) = cluster.snapshot().metallb
    assert ("BGPPeer", {"password": "(set)", "myASN": 64512}) == (peer.kind, peer.spec)


def test_refused_connection_says_what_to_do(tmp_path: Path) -> None:
    """No API server at all is the one error raised, with the server's address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cluster = Cluster.connect(kubeconfig=kubeconfig(tmp_path, f"http://127.0.0.1:{port}"))
    with pytest.raises(ClusterUnavailable, match=rf"127\.0\.0\.1:{port} cannot be reached: .*refused.*Check that"):
        cluster.snapshot()


def test_credentials_not_accepted_says_so(cluster: Cluster, api: APIServer) -> None:
    """401 means that nothing else can be read either."""
    api.responders["/version"] = status(401, "Unauthorized")
    with pytest.raises(ClusterUnavailable, match="does not accept the credentials"):
        cluster.snapshot()


def test_version_forbidden_is_a_gap(cluster: Cluster, api: APIServer) -> None:
    """The version is read for the report alone; without it the rest goes on."""
    api.responders["/version"] = status(403, "no")
    snapshot = cluster.snapshot()
    assert ("", ["get /version"]) == (snapshot.server_version, [gap.verb for gap in snapshot.gaps])


def test_another_kind_of_server_says_so(cluster: Cluster, api: APIServer) -> None:
    """A web server at the API server's address is told apart."""
    api.responders["/version"] = lambda handler, _: answer(handler, b"<html>It works!</html>")
    with pytest.raises(ClusterUnavailable, match="is no Kubernetes API server"):
        cluster.snapshot()


@pytest.mark.parametrize(
    "content",
    ["", "{", "just text", "[]", "clusters: 5", "current-context: gone\ncontexts: []\nclusters: []", "\x00\xff"],
)
def test_damaged_kubeconfig_says_what_to_do(tmp_path: Path, content: str) -> None:
    """Whatever a kubeconfig holds, the error names the file and the way out."""
    path = tmp_path / "damaged"
    path.write_text(content)
    with pytest.raises(ClusterUnavailable, match=r"kubeconfig .*damaged cannot be used: .*Set KUBECONFIG"):
        Cluster.connect(kubeconfig=str(path))


def test_missing_kubeconfig_and_unknown_context(tmp_path: Path) -> None:
    """A path that does not exist and a context that is not in the file are told, not stumbled over."""
    with pytest.raises(ClusterUnavailable, match="cannot be used"):
        Cluster.connect(kubeconfig=str(tmp_path / "gone"))
    with pytest.raises(ClusterUnavailable, match="nowhere"):
        Cluster.connect(kubeconfig=kubeconfig(tmp_path, "http://127.0.0.1:1"), context="nowhere")


def test_environment_names_the_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument `KUBECONFIG` counts."""
    monkeypatch.setenv("KUBECONFIG", kubeconfig(tmp_path, "http://127.0.0.1:1"))
    assert "http://127.0.0.1:1" == Cluster.connect().server


def test_pod_without_service_account_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pod whose token is not mounted the error speaks of the service account."""
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(ClusterUnavailable, match="service account cannot be used"):
        Cluster.connect()


def test_dry_run_posts_with_dry_run_all(cluster: Cluster, api: APIServer) -> None:
    """A dry run is a POST that says so; nothing is stored."""
    api.responders[POOL_CREATE] = lambda handler, _: answer(handler, {"kind": "IPAddressPool"}, 201)
    result = cluster.dry_run_create(POOL_CREATE, {"kind": "IPAddressPool"}, 1)
    assert (201, "") == (result.status, result.message)
    ((path, query, body),) = api.requests
    assert "application/json" == api.headers[0]["Content-Type"]
    assert (POOL_CREATE, "All", {"kind": "IPAddressPool"}) == (path, query["dryRun"], msgspec.json.decode(body))


def test_dry_run_keeps_the_whole_message(cluster: Cluster, api: APIServer) -> None:
    """The API server's words about a webhook are the evidence: not a character is lost."""
    words = (
        'Internal error occurred: failed calling webhook "x": failed to call webhook: Post "https://a.b.svc:443/c": '
        + ("x" * 20_000)
    )
    api.responders[POOL_CREATE] = status(500, words)
    result = cluster.dry_run_create(POOL_CREATE, {}, 1)
    assert (500, words) == (result.status, result.message)


def test_dry_run_without_an_answer_is_an_answer(cluster: Cluster, api: APIServer, tmp_path: Path) -> None:
    """Silence and refusal are status 0 with words, after the time given."""
    api.responders[POOL_CREATE] = api.hang
    silent = cluster.dry_run_create(POOL_CREATE, {}, 0.3)
    assert (0, True) == (silent.status, "timed out" in silent.message)
    assert 0.3 <= silent.elapsed_s < 10
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    refused = Cluster.connect(kubeconfig=kubeconfig(tmp_path, url)).dry_run_create(POOL_CREATE, {}, 1)
    assert (0, True) == (refused.status, "refused" in refused.message)


def test_the_api_servers_own_addresses_are_read(cluster: Cluster, api: APIServer) -> None:
    """From the slice that they keep in the namespace default; nothing is read of that namespace alone."""
    slices = "/apis/discovery.k8s.io/v1/endpointslices"
    labels = {"kubernetes.io/service-name": "kubernetes"}
    api.responders[slices] = items(
        {
            "metadata": {"name": "kubernetes", "namespace": "default", "labels": labels},
            "endpoints": [{"addresses": ["172.30.0.10"]}],
            "ports": [{"name": "https", "port": 6443}],
        }
    )
    ((endpoint, (port,)),) = cluster.snapshot().endpoints("default", "kubernetes")

    assert (("172.30.0.10",), 6443) == (endpoint.addresses, port.port)
    assert [] == [path for path, _, _ in api.requests if "/namespaces/default/" in path]


def test_an_api_servers_own_address_is_asked_where_the_services_does_not_answer(tmp_path: Path, api: APIServer) -> None:
    """Of several the first that answers; a Service's address needs kube-proxy, and that may be what is broken."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    cluster = Cluster.connect(kubeconfig=kubeconfig(tmp_path, f"http://127.0.0.1:{closed}"))
    cluster.servers = (("127.0.0.1", closed), ("127.0.0.1", api.server.server_address[1]))

    assert "v1.34.4" == cluster.snapshot().server_version
    assert 200 == cluster.dry_run_create(POOL_CREATE, {}, 1).status


def test_the_configured_address_is_asked_first(cluster: Cluster, api: APIServer) -> None:
    """The API servers' own are asked only where it does not answer."""
    with serving() as other:
        cluster.servers = (("127.0.0.1", other.server.server_address[1]),)
        cluster.snapshot()
    assert (False, []) == (not api.requests, other.requests)


def test_an_api_servers_certificate_is_for_the_service_not_for_its_address(tmp_path: Path) -> None:
    """It is verified all the same: by the cluster's own authority, for the name that all of them have."""
    authority = issue("authority")
    ca = base64.b64encode(authority.pem).decode()
    trusting = Cluster.connect(
        kubeconfig=kubeconfig(tmp_path, "https://127.0.0.1:1", **{"certificate-authority-data": ca})
    )
    said = {}
    for name in ("kubernetes.default.svc", "elsewhere"):
        with tls_server(issue(name, authority).write(tmp_path)) as port:
            said[name] = trusting.readiness("127.0.0.1", port, 1).message

    assert [False, True] == ["certificate verify failed" in message for message in said.values()]


def test_credentials_go_to_nobody_who_is_not_verified(tmp_path: Path) -> None:
    """Whoever trusts one address blindly has not said so of others."""
    config = kubeconfig(tmp_path, "https://127.0.0.1:1", **{"insecure-skip-tls-verify": True})
    said = Cluster.connect(kubeconfig=config).readiness("127.0.0.1", 1, 1)

    assert (0, "not asked: this configuration verifies no certificates") == (said.status, said.message)


def test_cluster_works_after_a_fork(cluster: Cluster, api: APIServer) -> None:
    """Jobs run in forked children; a child shares no connection with its parent."""
    cluster.snapshot()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, cluster.snapshot().server_version.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert b"v1.34.4" == pipe.read()
    assert () == cluster.snapshot().gaps
    assert api.requests


def test_snapshot_types_do_not_import_the_client() -> None:
    """Whoever judges needs no Kubernetes client: only `checks.cluster` imports it."""
    code = "import sys, checks.check, checks.cluster.snapshot; sys.exit('kubernetes' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
