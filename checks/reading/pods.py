"""What a kubelet and its runtime say of pods: images, network set-up (CNI), probes.

The kubelet's events, containerd and CRI-O, the CNI plugins (flannel, Calico, Cilium, Weave, Multus, AWS, OVN, Antrea,
host-local, bridge) and their agents.
"""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.control_plane import FIRST_OF_A_RANGE, IP
from checks.reading.model import Kind, pattern, phrase
from checks.reading.transport import failed, failures
from checks.text import say

IMAGE_PULL = Kind(
    name="image-pull",
    meaning="A node's way to a registry, when it pulls an image",
    tells=pattern(
        r"failed to pull (?:and unpack )?image",
        r"failed to get sandbox image",
        r"failed to resolve (?:reference|image)",
        r"failed to (?:do request|copy|fetch (?:anonymous|oauth) token):? .{0,60}(?:head|get|post|httpreadseeker)",
        r"err(?:or)?imagepull\b.{0,20}:",
        r"error pulling image",
        r"pullimage .{0,200}failed",
        r"(?:get|head) \"?https?://[^\s\"]+/v2/",
        r"initializing source docker://",
        r"pinging container registry",
        r"error response from daemon: (?:get|head)",
        r"while trying to pull image",
    ),
    phrases=(
        phrase(
            "lookup",
            "lookup",
            say(
                "A node could not resolve the registry's name. It asks its own name server (`/etc/resolv.conf` of the "
                "node), not CoreDNS."
            ),
            r"\blookup [\w.*-]+\.?( on \S+)?:",
            r"no such host",
            r"server misbehaving",
            r"temporary failure in name resolution",
            r"name or service not known",
        ),
        *failures(
            lambda what: say(
                "A node asked a registry for an image: {what}. The network of the pods has no part in that.", what=what
            ),
            "refused",
            "no-route",
            "x509",
            "reset",
            "lookup",
            "proxy",
            "timeout",
        ),
    ),
    outcomes=failed("refused", "no-route", "x509", "reset", "lookup", "proxy", "timeout"),
)

PROBE = Kind(
    name="probe",
    meaning="The kubelet's probe of a container on its own node",
    tells=pattern(
        r"(?:liveness|readiness|startup) probe (?:failed|errored|for|warning)",
        r"\bprobe failed\b.{0,20}probetype=",
        r"failed liveness probe, will be restarted",
        r"http probe failed with status ?code",
    ),
    phrases=failures(
        lambda what: say(
            "A kubelet probed a container on its own node: {what}. That way does not leave the node, so it is the "
            "container, or the node's own firewall, before it is the network.",
            what=what,
        ),
        "refused",
        "no-route",
        "reset",
        "hangs",
        "timeout",
    ),
    outcomes=failed("refused", "no-route", "reset", "hangs", "timeout"),
    otherwise=say(
        "A kubelet probed a container on its own node, and the container says that it is not well. The network between "
        "nodes has no part in that."
    ),
)

CNI = Kind(
    name="cni",
    meaning="The network set-up of a node's pods (CNI)",
    tells=pattern(
        r"networkpluginnotready",
        r"network plugin returns error",
        r"cni (?:plugin not|config) (?:un)?initialized",
        r"network plugin is not ready",
        r"unable to update cni config",
        r"no cni configuration file",
        r"no (?:valid )?networks found in /",
        r"failed to create pod ?sandbox",
        r"failed to (?:set ?up|create) (?:network for )?(?:pod )?sandbox",
        r"failed create pod sandbox",
        r"createpodsandbox .{0,200}failed",
        r"(?:networkplugin|network plugin) cni failed",
        r"failed to set ?up (?:pod|sandbox container) .{0,200}network",
        r"(?:set ?up|teardown|destroy) network for (?:pod )?(?:sandbox)",
        r"killpodsandboxerror",
        r"stoppodsandbox.{0,200}(?:network|cni)",
        r"plugin type=\"?[\w./-]+\"? (?:name=\"?\S+\"? )?failed",
        r"failed to find plugin \S+ in path",
        r"error adding (?:pod )?\S* ?(?:to )?(?:cni )?network",
        r"error while adding to cni network",
        r"\bmultus\b.{0,200}(?:error|fail)",
        r"subnet\.env: no such file",
        r"/var/lib/calico/nodename: no such file",
        r"/(?:var/)?run/(?:cilium/cilium|multus/multus|antrea/cni|openshift-sdn/cniserver/socket|ovn-kubernetes/cni/\S*?)\.?sock",
        r"no (?:more )?ip addresses available",
        r"failed to assign an ip address",
        r"all cidr ranges are exhausted",
        r"already has an ip address different from",
        r"error getting clusterinformation",
        r"pod ?cidr not assigned",
        r"error registering network",
        r"calico/node is not ready",
        r"bird is not ready",
        r"felix is not (?:ready|live)",
        r"failed to acquire lease",
        r"failed to find any valid interface to use",
        r"specified in the flannel net config doesn't contain",
        r"connection to the datastore is unauthorized",
        r"\bnetworkunavailable\b.{0,60}true",
        r"is the agent running\?",
        r"failed to connect to ovsdb",
        r"no address allocated to pod",
        r"unable to allocate ip address",
        r"find (?:any )?(?:valid )?interface (?:to use|matching)",
        r"(?:127\.0\.0\.1|localhost):(?:6784|50051)\b",
        r"configure nic \S+ for pod",
        r"ovs (?:interface|port) .{0,60}(?:not ready|binding)",
    ),
    unless=pattern(r"(?:liveness|readiness|startup) probe failed: (?!calico/node|.{0,40}cilium\.sock)"),
    phrases=(
        phrase(
            "not-ready",
            "not-ready",
            say("A node's runtime has no CNI configuration: the network plugin's agent has not (yet) put it there."),
            r"cni plugin not initialized",
            r"cni config uninitialized",
            r"no cni configuration file",
            r"no (?:valid )?networks found in /",
            r"networkpluginnotready",
            r"network plugin is not ready",
        ),
        phrase(
            "plugin-missing",
            "plugin-missing",
            say("A CNI plugin's program is missing on a node (usually in /opt/cni/bin)."),
            r"failed to find plugin",
            r"/opt/cni/bin/\S+: no such file or directory",
        ),
        phrase(
            "agent-down",
            "agent-down",
            say("The network plugin's agent does not run on a node, or has not got ready there."),
            r"subnet\.env: no such file",
            r"/var/lib/calico/nodename: no such file",
            r"\.sock(?:et)?\"?: connect: (?:no such file|connection refused)",
            r"dial unix \S+: (?:connect: )?(?:no such file|connection refused)",
            r"unable to connect to cilium (?:daemon|agent)",
            r"failed to create cilium agent client",
            r"(?:127\.0\.0\.1|localhost|\[::1\]):(?:6784|50051|9098|10010|61679)\b.{0,60}(?:refused|timeout|deadline)",
            r"felix is not (?:ready|live)",
            r"is the agent running\?",
            r"waiting for annotation",
            r"failed to connect to ovsdb",
            r"failed to get pod annotation",
        ),
        phrase(
            "no-addresses",
            "no-addresses",
            say("A node has no address left for another pod."),
            r"no (?:more )?(?:free )?ip(?:v4|v6)? ?addresses (?:are )?available",
            r"failed to assign an ip address",
            r"no (?:more |free |available )*ips? (?:are )?(?:currently )?(?:available|left)",
            r"all cidr ranges are exhausted",
            r"range is full",
            r"no more (?:ips|free addresses)",
            r"assigned 0 out of \d+ requested",
            r"no configured calico pools",
            r"insufficient(?:cidr|free)\w*",
            r"no available ips?\b",
        ),
        phrase(
            "stale-bridge",
            "stale-bridge",
            say("A bridge of a former network plugin is still on a node, with an address of another pod network."),
            r"already has an ip address different from",
        ),
        phrase(
            "permission",
            "permission",
            say("The network plugin may not ask the API server: its token or its role is no longer good."),
            r"connection is unauthorized",
            r"\bunauthorized\b",
            r"is forbidden: user",
            r"datastore is unauthorized",
        ),
        phrase(
            "no-pod-network",
            "no-pod-network",
            say("A node has no pod network, or another one than the network plugin was told."),
            r"pod ?cidr not assigned",
            r"specified in the flannel net config doesn't contain",
            r"find (?:any )?(?:valid )?interface (?:to use|matching)",
            r"failed to acquire lease",
        ),
        phrase(
            "peering",
            "peering",
            say("Calico's nodes do not exchange routes: its BGP sessions between nodes are not up (TCP 179)."),
            r"bgp not established",
            r"bird is not ready",
        ),
        phrase(
            "api-service",
            "api-service",
            say(
                "While it set a pod's network up, the network plugin did not reach the API server at the address of "
                "its Service."
            ),
            rf"https?://{IP}(?::443)?/(?:apis?|version)\b.{{0,300}}(?:timeout|timed out|deadline|refused"
            rf"|no route|unreachable)",
            rf"{FIRST_OF_A_RANGE}:443\b.{{0,80}}(?:timeout|timed out|deadline|refused|no route|unreachable)",
        ),
        phrase(
            "configuration",
            "configuration",
            say("The CNI configuration of a node does not fit its plugins."),
            r"error parsing configuration",
            r"incompatible cni versions",
            r"does not support (?:config|result) version",
            r"unsupported cni (?:result )?version",
            r"failed to load (?:cni )?(?:net)?conf",
            r"error loading cni config",
            r"missing network name",
            r"no ip ranges specified",
        ),
        phrase(
            "timeout",
            "timeout",
            say("Setting a pod's network up took a node too long."),
            r"deadline ?exceeded",
            r"timed? ?out",
            r"not ready after \d+",
        ),
    ),
    outcomes=(
        Outcome("other", Severity.FAILED, "it failed in another way"),
        Outcome("timeout", Severity.FAILED, "it took too long"),
        Outcome("configuration", Severity.FAILED, "the configuration does not fit the plugins"),
        Outcome("peering", Severity.FAILED, "Calico's nodes do not exchange routes"),
        Outcome("no-pod-network", Severity.FAILED, "the node has no pod network, or another one"),
        Outcome("api-service", Severity.FAILED, "the plugin did not reach the API server"),
        Outcome("permission", Severity.FAILED, "the plugin may not ask the API server"),
        Outcome("stale-bridge", Severity.FAILED, "a former plugin's bridge is in the way"),
        Outcome("no-addresses", Severity.FAILED, "no address is left for another pod"),
        Outcome("plugin-missing", Severity.FAILED, "a plugin's program is missing"),
        Outcome("agent-down", Severity.FAILED, "the plugin's agent does not run on the node"),
        Outcome("not-ready", Severity.FAILED, "the node has no CNI configuration"),
    ),
    otherwise=say("Setting a pod up failed on a node, in words that netcheck does not know."),
)
