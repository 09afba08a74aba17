"""All kinds of texts, in the order in which a text is asked for its kind: the first that recognises it counts.

What is named in so many words comes first (a webhook, a refusal, the kernel), what is known by a port or an address
after that, and a connection of nobody in particular last.
"""

from checks.reading.control_plane import AGGREGATED_API, API_SERVER, API_SERVICE, KUBELET
from checks.reading.kernel import KERNEL
from checks.reading.metallb import METALLB
from checks.reading.names import COREDNS, NODE_DNS, POD_DNS
from checks.reading.nodes import NODE
from checks.reading.pods import CNI, IMAGE_PULL, PROBE
from checks.reading.refusal import ADMISSION
from checks.reading.traffic import CONNECTION, INGRESS, KUBE_PROXY
from checks.reading.unrelated import REGISTRY, UNRELATED
from checks.reading.webhook import WEBHOOK

KINDS = (
    KERNEL,
    # Before the calls: "failed calling webhook …: admission webhook … denied the request" was answered.
    COREDNS,
    ADMISSION,
    WEBHOOK,
    REGISTRY,
    # A sandbox's own image is pulled while a pod's network is set up.
    IMAGE_PULL,
    CNI,
    PROBE,
    KUBE_PROXY,
    METALLB,
    KUBELET,
    API_SERVICE,
    AGGREGATED_API,
    API_SERVER,
    NODE_DNS,
    POD_DNS,
    # Before what says nothing about the network: a taint may be a node's.
    NODE,
    UNRELATED,
    INGRESS,
    CONNECTION,
)
