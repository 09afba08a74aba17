"""Texts that say nothing about the network, whatever their words: waiting, etcd, images, volumes, scheduling.

Known by name, so that nobody looks for packets where none were lost.
"""

from checks.reading.model import Kind, pattern, without_meaning
from checks.text import say

_REGISTRY = without_meaning(
    "registry-answer",
    say("The registry answered, and has no such image or gives it to nobody unknown: it was reached."),
    r"pull access denied",
    r"manifest unknown",
    r"repository does not exist",
    r"toomanyrequests",
    r"too many requests.{0,200}(?:pull|rate)",
    r"you have reached your (?:unauthenticated )?pull rate limit",
    r"failed to authorize: failed to fetch .{0,200}unexpected status",
    r"(?:authorization failed|insufficient_scope)",
    r"no basic auth credentials",
    r"no match for platform in manifest",
    r": not found\"?\W*$",
    r"back-off pulling image",
    r"unexpected status(?: code)?(?: from \S+ request)?.{0,200}: (?:401|403|404|429) ",
)
REGISTRY = Kind(
    name="unrelated",
    meaning="Texts that say nothing about the network",
    tells=pattern(
        r"(?:failed to (?:pull|resolve|authorize|copy|fetch)|imagepull|image|pull|manifest).{0,400}(?:"
        + _REGISTRY.pattern.pattern
        + ")",
        r"back-off pulling image",
        r"pull access denied",
        r"toomanyrequests",
    ),
    phrases=(_REGISTRY,),
    outcomes=(),
)
"""Before the image pulls: these ended with the registry's answer."""

_NO_WAY = r":? (?:i/o timeout|connect: (?:no route|network is unreachable|connection timed out))"
"""How dialling another member ends where the way is cut; one that refuses is not running, and that is about etcd."""

_PHRASES = (
    without_meaning(
        "waiting",
        say(
            "This only says that something was not ready in time: look at what was waited for "
            "(`kubectl get events -A`), and paste what that says."
        ),
        r"timed out waiting for the condition",
        r"timed out waiting for (?:rollout|condition|caches|cache|resource|deployment)",
        r"exceeded its progress deadline",
        r"(?:install|upgrade|rollback)\w* failed: (?:context deadline exceeded|client rate limiter)\s*$",
        r"(?:installation|upgrade) failed: (?:pre|post)-\w+ hooks? failed",
        r"resource not ready, name: ",
        r"another operation \(install/upgrade/rollback\) is in progress",
        r"client rate limiter wait returned an error",
        r"would exceed context deadline",
        r"failed to wait for .{1,80} caches to sync",
        r"timed out waiting for .{0,40}hook",
        r"rate: wait\(n=\d+\) would exceed",
    ),
    without_meaning(
        "etcd",
        say("This is about etcd, the API server's store: its disk or its members are too slow, or one is missing."),
        r"\betcdserver: ",
        r"apply request took too long",
        r"\brafthttp\b(?!.{0,300}" + _NO_WAY + ")",
        r"\betcd\b.{0,200}(?:leader|raft|slow|took too long|overloaded|mvcc|quorum|snapshot|health)",
        r":(?:2379|2380)\b(?!" + _NO_WAY + ")",
        r"failed to send out heartbeat on time",
        r"lost (?:the )?tcp streaming connection with (?:remote )?peer",
        r"leader failed to send out heartbeat",
        r"mvcc: database space exceeded",
        r"wal: sync duration",
    ),
    without_meaning(
        "leader-election",
        say("A controller gave up its lead; that alone says nothing about the network. What stands before it may."),
        r"leader ?election lost",
        r"failed to renew lease \S+: timed out waiting",
        r"failed to renew lease .{0,100}context deadline exceeded\s*$",
        r"stopped leading",
    ),
    without_meaning(
        "scheduling",
        say("This is about where a pod may run, or with how much memory or disk: the network has no part in that."),
        r"\d+/\d+ nodes are available",
        r"failedscheduling",
        r"\boomkilled\b",
        r"out of memory: killed process",
        r"memory cgroup out of memory",
        r"insufficient (?:cpu|memory|pods|ephemeral-storage)",
        r"\bevicted\b",
        r"node had (?:condition|taint)",
        r"had untolerated taint",
        r"low on resource",
        r"soft lockup",
        r"blocked for more than \d+ seconds",
        r"pleg is not healthy",
    ),
    without_meaning(
        "crash",
        say("A container ended or keeps ending; its own log (`kubectl logs --previous`) says why. Paste that."),
        r"back-off (?:\S+ )?restarting failed container",
        r"crashloopbackoff",
        r"exec format error",
        r"exec: \".{1,200}\": (?:executable file not found|stat )",
        r"error: container .{0,60}(?:waiting to start|is not running)",
        r"createcontainer(?:config)?error",
        r"upgrade connection: (?:container|pod) ",
        r"container not found \(",
        r"runcontainererror",
    ),
    without_meaning(
        "storage",
        say("This is about volumes or files: the network of the pods has no part in that."),
        r"failedmount|failedattachvolume",
        r"unable to attach or mount volumes",
        r"mountvolume\.\w+ failed",
        r"(?:configmap|secret|persistentvolumeclaim) \"[\w.-]+\" not found",
        r"multi-attach error",
        r"no space left on device",
        r"read-only file system",
        r"disk ?pressure",
        r"ext4-fs error|i/o error, dev",
        r"input/output error",
        r"too many open files",
    ),
    without_meaning(
        "object",
        say("The API server answered, and something is wrong with the object itself: the network has no part in that."),
        r"the object has been modified; please apply your changes",
        r"operation cannot be fulfilled on",
        r"no matches for kind",
        r"error validating data",
        r"unknown field \"",
        r"ensure crds are installed first",
        r"already exists$",
        r"is invalid: (?:spec|metadata|status|data)[\w.\[\]]*:",
        r"error parsing \S+\.ya?ml",
        r"error from server \(notfound\): ",
        r"error from server \(alreadyexists\): ",
        r"you must be logged in to the server",
        r"the server doesn't have a resource type",
    ),
    without_meaning(
        "noise",
        say(
            "A client hung up during a TLS handshake; load balancers and probes do that all day, and nothing is wrong."
        ),
        r"http: tls handshake error from \S+: (?:eof|read .{1,120}connection reset by peer)",
    ),
)
UNRELATED = Kind(
    name="unrelated",
    meaning="Texts that say nothing about the network",
    tells=pattern(*(each.pattern.pattern for each in _PHRASES)),
    unless=pattern(r"failed calling webhook", r"timeout waiting for .{0,40}network"),
    phrases=_PHRASES,
    outcomes=(),
)
