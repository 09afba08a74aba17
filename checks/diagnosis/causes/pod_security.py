"""The namespace's Pod Security level refuses the speaker's host network."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Workload
from checks.text import say

CAUSE = Declaration(
    slug="pod-security",
    title=say("Pod Security keeps MetalLB's speakers from being made"),
    at=(Workload,),
    shows=(
        Effect("metallb.speaker", ("not-created",), Strength.ALWAYS),
        Effect("metallb.announcers", ("no-node",), Strength.MAY, Reach.EVERYWHERE),
        Effect("metallb.announced", ("no-node", "nobody"), Strength.MAY, Reach.EVERYWHERE),
        Effect("texts.admission", ("pod-security",), Strength.MAY),
    ),
    hides=frozenset({"no-announcer"}),
    fix=say(
        "Read the events of the speaker's DaemonSet (`kubectl -n {namespace} describe daemonset {workload}`). Only if "
        "they name Pod Security: label the namespace {namespace} `pod-security.kubernetes.io/enforce=privileged`."
    ),
    rollback=say("Remove the label."),
    decide=say("The events of the speaker's DaemonSet."),
    source="MetalLB installation documentation",
    example={"metallb.speaker": "not-created"},
)
