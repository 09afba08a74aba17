"""Requests that admission or authorization refused: the answer came, so the way to whoever gave it works."""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.text import say

ADMISSION = Kind(
    name="admission",
    meaning="A request that the API server's admission or authorization refused",
    tells=pattern(
        r"admission webhook .{1,300}? denied the request",
        r"admission webhook .{1,300}? does not support dry run",
        r"validating ?admission ?policy .{1,300}?denied",
        r"violates podsecurity",
        r"unable to validate against any (?:pod security policy|security context constraint)",
        r"is forbidden: (?:exceeded quota|failed quota|user|maximum|minimum|pod|error looking up service account)",
        r"is forbidden: unable to create new content in namespace",
        r"user .{1,200} cannot \w+ (?:resource|path)",
    ),
    unless=pattern(r"failed calling webhook(?!.{0,2000}denied the request)"),
    phrases=(
        phrase(
            "not-called",
            "dry-run-unsupported",
            say("A webhook with side effects refuses dry runs, so whether it can be reached is not known."),
            r"does not support dry run",
        ),
        phrase(
            "denied",
            "policy",
            say("An admission policy of the cluster refused the request; no webhook was the one."),
            r"validating ?admission ?policy .{1,300}?denied",
        ),
        phrase(
            "denied",
            "denied",
            say("The webhook answered, and refused the object: it can be reached, the object is wrong."),
            r"admission webhook .{1,300}? denied the request",
        ),
        phrase(
            "pod-security",
            "pod-security",
            say("Pod Security refuses the pod: the namespace's level does not allow what the pod asks for."),
            r"violates podsecurity",
            r"unable to validate against any (?:pod security policy|security context constraint)",
        ),
        phrase(
            "denied",
            "quota",
            say("A quota or a limit of the namespace refused the object: the network has no part in that."),
            r"is forbidden: (?:exceeded quota|failed quota|maximum|minimum|unable to create new content"
            r"|error looking up)",
        ),
        phrase(
            "not-called",
            "rbac",
            say(
                "The API server did not permit the request: a role lacks the permission, the network has no part "
                "in that."
            ),
            r"user .{1,200} cannot \w+ (?:resource|path)",
        ),
    ),
    outcomes=(
        Outcome("denied", Severity.ADVICE, "it was answered, and the object was refused"),
        Outcome("not-called", Severity.FAILED, "it was refused before any webhook was called"),
        Outcome("pod-security", Severity.FAILED, "Pod Security refused the pod"),
        Outcome("other", Severity.FAILED, "it was refused for another reason"),
    ),
    otherwise=say("The API server refused a request, and says why: the network has no part in that."),
)
