"""Corefiles are read by CoreDNS's own grammar."""

import pytest

from checks.cluster.corefile import Block, CorefileError, Directive, blocks, kubernetes_zones, zone_variables, zones_of
from checks.cluster.dns import domain_of, find_service
from checks.cluster.pods import (
    ConfigMapItem,
    ConfigMapVolume,
    Container,
    EnvVar,
    PodSpec,
    PodTemplate,
    Volume,
    VolumeMount,
    Workload,
    WorkloadSpec,
)
from checks.cluster.services import Service, ServicePort, ServiceSpec
from checks.cluster.snapshot import ConfigMap, Metadata, Snapshot

START = "/etc/coredns/Corefile"


def zones(text: str, files: dict[str, str] | None = None, **variables: str) -> tuple[str, ...]:
    """The zones that are served from the API."""
    return kubernetes_zones(blocks({START: text} | (files or {}), START, variables))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".:53 {\n kubernetes cluster.local in-addr.arpa ip6.arpa {\n  pods insecure\n }\n}", ("cluster.local",)),
        (".:53 {\n kubernetes in-addr.arpa ip6.arpa corp.example {\n }\n}", ("corp.example",)),
        ("corp.example:53 {\n kubernetes\n}", ("corp.example",)),
        ("corp.example 10.0.0.0/8 {\n kubernetes {\n ttl 5\n }\n}", ("corp.example",)),
        ("dns://corp.example:1053 {\n kubernetes\n}", ("corp.example",)),
        ("in-addr.arpa, ip6.arpa,\ncorp.example {\n kubernetes\n}", ("corp.example",)),
        (".:53\nkubernetes corp.example\n", ("corp.example",)),
        ("# kubernetes wrong\n.:53 { # { kubernetes\n kubernetes right.one # wrong.one\n}", ("right.one",)),
        ('.:53 {\n log "kubernetes wrong"\n kubernetes "right.one"\n}', ("right.one",)),
        (".:53 {\n hosts {\n 10.0.0.1 kubernetes\n }\n kubernetes Right.ONE.\n}", ("right.one",)),
        (".:53 {\n forward . 10.0.0.1 {\n kubernetes wrong\n }\n}", ()),
        ("a.b:53 {\n forward . 10.0.0.1\n}\n.:53 {\n kubernetes c.d\n}\n", ("c.d",)),
        ("a:53 {\n kubernetes\n}\nb:53 {\n kubernetes\n}", ("a", "b")),
        ("(common) {\n errors\n kubernetes {$DOMAIN}\n}\n.:53 {\n import common\n}", ("set.example",)),
        (".:53 {\n kubernetes {%DOMAIN%} in-addr.arpa\n}", ("set.example",)),
        ("{$DOMAIN}:53 {\n kubernetes\n}", ("set.example",)),
        (".:53 {\n kubernetes a.{$DOMAIN}\n}", ("a.set.example",)),
        ("\ufeff.:53 {\r\n kubernetes a.b\r\n}\r\n", ("a.b",)),
        ("", ()),
        (".:53", ()),
    ],
)
def test_zones_of_the_api(text: str, expected: tuple[str, ...]) -> None:
    """Arguments of `kubernetes`, or else the keys of its server block; reverse zones are no domain."""
    assert expected == zones(text, DOMAIN="set.example")


def test_variable_that_is_not_set_is_empty() -> None:
    """As CoreDNS leaves it: the argument is empty then, and no zone."""
    assert () == tuple(filter(None, zones(".:53 {\n kubernetes {$NONE}\n}")))


FILES = {
    "/etc/coredns/custom/a.override": "kubernetes of.override\n",
    "/etc/coredns/custom/b.server": "b.example:53 {\n kubernetes\n}\n",
    "/etc/coredns/custom/deep/c.server": "c.example:53 {\n kubernetes\n}\n",
    "/etc/coredns/plain": "errors\nimport custom/a.override\n",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".:53 {\n import /etc/coredns/custom/*.override\n}\nimport custom/*.server", ("of.override", "b.example")),
        (".:53 {\n import plain\n}", ("of.override",)),
        (".:53 {\n import none/*.override\n kubernetes x.y\n}", ("x.y",)),
        (".:53 {\n errors\n import custom/a.override\n cache 30\n}", ("of.override",)),
    ],
)
def test_imports(text: str, expected: tuple[str, ...]) -> None:
    """In place of their line; relative to the file that imports, and a star stands for no folder."""
    assert expected == zones(text, FILES)


@pytest.mark.parametrize(
    "text",
    [
        ".:53 {\n kubernetes a.b\n",
        ".:53 {\n kubernetes a.b {\n }\n",
        ".:53 {\n import gone\n}",
        "a.b, {\n}",
        "(x) {\n import x\n}\n.:53 {\n import x\n}",
        "(x) {\n errors\n",
        "(x)\nerrors",
        ".:53 {\n import",
        "import /etc/coredns/Corefile",
        "(a) {\n import b\n}\n(b) {\n import a\n import a\n}\n.:53 {\n import a\n}",
    ],
)
def test_what_coredns_refuses(text: str) -> None:
    """It is told, and an import of itself ends."""
    with pytest.raises(CorefileError):
        zones(text)


def test_blocks_with_their_plugins() -> None:
    """Each plugin with what stands behind it on its line, and the lines in its braces."""
    text = ".:53 a.b {\n errors\n forward . 10.0.0.1 10.0.0.2 {\n  policy random\n }\n}"
    forward = Directive("forward", (".", "10.0.0.1", "10.0.0.2"), (("policy", "random"),))
    assert (Block((".:53", "a.b"), (Directive("errors"), forward)),) == blocks({START: text}, START)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("example.org", ("example.org.",)),
        ("tls://Example.org:853", ("example.org.",)),
        (".:53", (".",)),
        (":53", (".",)),
        ("10.0.0.0/24", ("0.0.10.in-addr.arpa.",)),
        ("10.0.0.0/8:53", ("10.in-addr.arpa.",)),
        ("10.1.0.0/15", ("0.10.in-addr.arpa.", "1.10.in-addr.arpa.")),
        ("fd00::/8", ("d.f.ip6.arpa.",)),
        ("0.0.0.0/0", ("in-addr.arpa.",)),
        ("10.0.0.0/99", ()),
        ("a..b", ()),
        ("x" * 300, ()),
    ],
)
def test_keys_are_zones(key: str, expected: tuple[str, ...]) -> None:
    """A network stands for its reverse zones; a transport and a port do not belong to a name."""
    assert expected == zones_of(key)


def test_variables_of_zones_alone_are_told() -> None:
    """Others of a Corefile may be secrets."""
    text = "{$ZONE}:53 {\n kubernetes {$DOMAIN}\n route53 {\n  aws_access_key {$ID} {$SECRET}\n }\n}"
    assert {"ZONE", "DOMAIN"} == zone_variables({START: text})


def test_domain_comes_from_the_files_that_coredns_sees() -> None:
    """From its volumes, arguments and variables, over several ConfigMaps, and not from a ConfigMap of a usual name."""
    container = Container(
        name="coredns",
        image="coredns/coredns:1.12",
        args=("-dns.port=1053", "-conf", "/conf/main"),
        env=(EnvVar(name="DOMAIN", value="right.example"),),
        volume_mounts=(
            VolumeMount(name="main", mount_path="/conf"),
            VolumeMount(name="more", mount_path="/conf/more"),
        ),
    )
    volumes = (
        Volume(name="main", config_map=ConfigMapVolume(name="m", items=(ConfigMapItem(key="c", path="main"),))),
        Volume(name="more", config_map=ConfigMapVolume(name="n")),
    )
    server = Workload(
        kind="Deployment",
        metadata=Metadata(name="names", namespace="dns"),
        spec=WorkloadSpec(
            template=PodTemplate(
                metadata=Metadata(labels={"app": "names"}), spec=PodSpec(containers=(container,), volumes=volumes)
            )
        ),
    )
    snapshot = Snapshot(
        workloads=(server,),
        services=(
            Service(
                metadata=Metadata(name="names", namespace="dns"),
                spec=ServiceSpec(cluster_ip="10.96.0.10", ports=(ServicePort(port=53),), selector={"app": "names"}),
            ),
        ),
        config_maps=(
            ConfigMap(
                metadata=Metadata(name="coredns", namespace="dns"), data={"Corefile": ". {\n kubernetes no.no\n}"}
            ),
            ConfigMap(metadata=Metadata(name="m", namespace="dns"), data={"c": ". {\n import more/*.x\n}"}),
            ConfigMap(metadata=Metadata(name="n", namespace="dns"), data={"a.x": "kubernetes {$DOMAIN}"}),
        ),
    )
    assert "right.example" == domain_of(snapshot)


def service(name: str, address: str, namespace: str = "kube-system", **labels: str) -> Service:
    """A Service on port 53."""
    return Service(
        metadata=Metadata(name=name, namespace=namespace, labels=labels),
        spec=ServiceSpec(cluster_ip=address, ports=(ServicePort(name="dns", port=53, protocol="UDP"),)),
    )


KUBERNETES = Service(
    metadata=Metadata(name="kubernetes", namespace="default"), spec=ServiceSpec(cluster_ip="10.43.0.1")
)
LABEL = {"k8s-app": "kube-dns"}


@pytest.mark.parametrize(
    ("services", "kubelet", "expected"),
    [
        ([service("kube-dns", "10.43.0.10"), service("pihole", "10.43.7.7", "home")], "", "kube-dns"),
        ([service("kube-dns-upstream", "10.43.9.9", **LABEL), service("a", "10.43.0.10", **LABEL)], "", "a"),
        ([service("kube-dns-upstream", "10.43.9.9", **LABEL), service("z", "10.43.5.5", **LABEL)], "", "z"),
        ([service("kube-dns", "10.43.0.10"), service("own", "10.43.0.53", "dns")], "clusterDNS: [10.43.0.53]", "own"),
        ([service("kube-dns", "10.43.0.10"), service("own", "10.43.0.53")], 'clusterDNS:\n  - "10.43.0.53"\n', "own"),
        ([service("x", "10.43.0.10", "anywhere")], "", "x"),
        ([service("pihole", "10.43.7.7", "home")], "", None),
        ([service("kube-dns", "None")], "", None),
    ],
)
def test_service_that_pods_ask(services: list[Service], kubelet: str, expected: str | None) -> None:
    """What kubelets say; else the tenth address of the Service network, the usual name, the label; never another's."""
    config = ConfigMap(metadata=Metadata(name="kubelet-config", namespace="kube-system"), data={"kubelet": kubelet})
    found = find_service(Snapshot(services=(KUBERNETES, *services), config_maps=(config,)))
    assert expected == (found.metadata.name if found else None)
