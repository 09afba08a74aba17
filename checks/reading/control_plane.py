"""Ways to and from the API server, besides webhooks: its Service, its own port, kubelets, aggregated APIs."""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.reading.transport import STATUS, failed, failures
from checks.reading.webhook import TUNNEL
from checks.text import say

IP = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\])"
"""An address as URLs have it."""
_PRIVATE = r"(?:10\.\d+|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|198\.1[89])\.\d+"
FIRST_OF_A_RANGE = rf"(?:{_PRIVATE}\.1|\[f[cd][0-9a-f:]*::?1\])"
"""The API server's Service has the first address of the Services' range (`--service-cluster-ip-range`)."""

TUNNEL_OUTCOME = Outcome("tunnel", Severity.FAILED, "the API server's tunnel into the cluster did not get through")

API_SERVICE = Kind(
    name="api-service",
    meaning="A pod's way to the API server, at the address of its Service",
    tells=pattern(
        rf"https?://(?:{_PRIVATE}\.\d+|\[f[cd][0-9a-f:]+\]):443/(?:apis?|version|openapi|healthz|livez|readyz)\b",
        rf"https?://{FIRST_OF_A_RANGE}/(?:apis?|version|openapi|healthz|livez|readyz)\b",
        r"https?://kubernetes(?:\.default)?(?:\.svc)?(?:\.cluster\.local)?\.?(?::443)?(?:[/\"':\s]|$)",
        rf"{FIRST_OF_A_RANGE}:443\b",
        rf"(?:kubernetes api|kube-?api(?:server)?|api ?server) .{{0,120}}{IP}:443\b",
        r"plugin/kubernetes: kubernetes api connection failure",
    ),
    unless=pattern(
        r":6443\b",
        r"unable to connect to the server",
        r"failing or missing response from",
        r"no response from https?://",
        r"faileddiscoverycheck",
        r"error trying to reach service",
        r"proxy error from",
    ),
    phrases=failures(
        lambda what: say("A pod asked the API server at the address of its Service: {what}.", what=what),
        "refused",
        "no-route",
        "x509",
        "reset",
        "lookup",
        "proxy",
        "timeout",
    ),
    outcomes=failed("refused", "no-route", "x509", "reset", "lookup", "proxy", "timeout"),
)

API_SERVER = Kind(
    name="api-server",
    meaning="The way to the API server's own port, or to its load balancer",
    tells=pattern(
        r"unable to connect to the server",
        r"the connection to the server \S+ was refused",
        r"couldn't get current server api",
        r"kubernetes cluster unreachable",
        r"unable to register node with (?:the )?api ?server",
        r"failed to (?:ensure lease exists|update lease|get lease|renew lease)",
        r"error updating node status, will retry",
        r"error getting node .{0,200}:6443",
        r":(?:6443|16443|8443/api|7443)\b",
        r"couldn't read version from server",
        r"https?://[^/\s\"]{1,200}/(?:api/v1/(?:namespaces|nodes|pods|services|endpoints|configmaps|secrets|events|resourcequotas)"
        r"|apis/[\w.-]+/v\d|api\?timeout=)",
    ),
    unless=pattern(r"proxy error from \S+:6443 while dialing"),
    phrases=failures(
        lambda what: say(
            "A client (kubectl, a kubelet, a controller) asked the API server at its own address: {what}. This says "
            "nothing about the network of the pods.",
            what=what,
        ),
        "refused",
        "no-route",
        "x509",
        "reset",
        "lookup",
        "proxy",
        "timeout",
    ),
    outcomes=failed("refused", "no-route", "x509", "reset", "lookup", "proxy", "timeout"),
    otherwise=say(
        "A client did not reach the API server at its own address. This says nothing about the network of the pods."
    ),
)

KUBELET = Kind(
    name="kubelet",
    meaning="The API server's way to a kubelet: logs, exec, port-forward, metrics",
    tells=pattern(
        r":10250\b",
        r"error dialing backend",
        r"/(?:containerlogs|exec|attach|portforward|stats/summary|metrics/resource)\b.{0,400}(?:dial|proxy error|x509)",
        r"error upgrading connection: .{0,200}(?:dial|proxy|unable to upgrade)",
        r"unable to upgrade connection",
    ),
    # metrics-server listens on the kubelet's port, in its own pod.
    unless=pattern(
        r"readiness probe|liveness probe|startup probe",
        r"pod sandbox",
        r"failing or missing",
        r"/apis/",
        r"upgrade connection: (?:container|pod) ",
    ),
    phrases=(
        phrase(
            "tunnel",
            "tunnel",
            say(
                "The API server asks kubelets through a tunnel (k3s, RKE2 or konnectivity), and that did not get "
                "through to this node: its agent is not connected, or something refuses it on the way."
            ),
            *TUNNEL,
        ),
        phrase(
            "proxy",
            "status",
            say(
                "The API server asked a kubelet (port 10250) through an HTTP proxy, which refused: NO_PROXY "
                "lacks the nodes."
            ),
            rf"error dialing backend: {STATUS}\W*$",
        ),
        phrase(
            "permission",
            "permission",
            say("The kubelet answered the API server, and did not accept who asked."),
            r"unable to upgrade connection: forbidden",
            r"unable to upgrade connection: unauthorized",
            r"forbidden \(user=.{1,100}, verb=",
            r"status(?: code)?\W{1,3}40[13]\b",
            r"\b40[13] (?:forbidden|unauthorized)",
        ),
        *failures(
            lambda what: say("The API server or a metrics server asked a kubelet (port 10250): {what}.", what=what),
            "refused",
            "no-route",
            "x509",
            "reset",
            "lookup",
            "proxy",
            "timeout",
        ),
    ),
    outcomes=(
        Outcome("permission", Severity.FAILED, "the kubelet did not accept who asked"),
        *failed("refused", "no-route", "x509", "reset", "lookup", "proxy", "timeout"),
        TUNNEL_OUTCOME,
    ),
    otherwise=say("The API server asked a kubelet (port 10250), and that failed in words that netcheck does not know."),
)

AGGREGATED_API = Kind(
    name="aggregated-api",
    meaning="The API server's way to a server inside the cluster: aggregated APIs, proxied Services",
    tells=pattern(
        r"\bv\d\w*\.[\w.-]+ failed with:",
        r"faileddiscoverycheck",
        r"failing or missing response from",
        r"no response from https?://",
        r"bad status from https?://",
        r"unable to retrieve the complete list of server apis",
        r"the server is currently unable to handle the request(?: \((?:get|post|list) [\w-]+\.[\w.-]+\)|: |$)",
        r"couldn't get resource list for",
        r"loading openapi spec for .{1,100} failed",
        r"error trying to reach service",
        r"metrics api not available",
        r"an error on the server .{0,60}/apis/",
        r"unable to (?:fetch|get) metrics (?:from|for)",
        r"(?:custom|external)?\.?metrics\.k8s\.io.{0,200}(?:unavailable|unable|no endpoints|missing)",
        r"(?:service|endpoints for service)/[\w.-]+ in \"[\w.-]+\" (?:is not present|have no|has no)",
        r"servicenotfound|missingendpoints|endpointsnotfound",
        r"proxy error from \S+ while dialing",
        r"failed to find session for client",
        r"no agent available",
    ),
    phrases=(
        phrase(
            "tunnel",
            "tunnel",
            say(
                "The API server reaches servers inside the cluster through a tunnel (k3s, RKE2 or konnectivity), and "
                "that did not get through: a policy or a firewall at its far end, or no agent of it is there."
            ),
            *TUNNEL,
        ),
        phrase(
            "no-endpoints",
            "no-endpoints",
            say("The aggregated API's Service is not there, or has no ready endpoint."),
            r"no endpoints available",
            r"have no addresses",
            r"has no addresses",
            r"is not present",
            r"missingendpoints|servicenotfound|endpointsnotfound",
        ),
        *failures(
            lambda what: say(
                "The API server asked a server inside the cluster (an aggregated API, a proxied Service): {what}.",
                what=what,
            ),
            "refused",
            "no-route",
            "x509",
            "reset",
            "lookup",
            "proxy",
            "hangs",
            "timeout",
        ),
    ),
    outcomes=(
        *failed("refused", "no-route", "x509", "reset", "lookup", "proxy", "hangs", "timeout"),
        Outcome("no-endpoints", Severity.FAILED, "its Service is not there, or has no ready endpoint"),
        TUNNEL_OUTCOME,
    ),
    otherwise=say("A server inside the cluster that the API server asks (an aggregated API) does not serve it."),
)
