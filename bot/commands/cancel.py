"""`cancel`: stop a run."""

from bot.access.verb import Verb
from bot.commands.answer import Answer
from bot.commands.clusters import Clusters
from bot.commands.command import Command, Errand, Open, Target
from bot.commands.grammar import Asked, Line, choose_cluster
from bot.errors import UsageError
from bot.messages.messages import MessageState
from bot.names import short
from bot.runs.model import RUN, Run


def _parse(line: Line) -> Asked:
    said = line.said()
    if not said.words:
        raise UsageError(
            "Which run? The first characters of its id are enough.",
            hint="The recent runs are listed:",
            command="status",
        )
    line.no_more(said.words[1:], said.pairs, said.nodes)
    return Asked(command="cancel", subject=said.words[0], cluster=said.cluster)


def _its_run(asked: Asked, means: Open) -> Target:
    """The run that is meant, looked for in every cluster unless one was named."""
    clusters = means().clusters
    names = clusters.names()
    wanted = [choose_cluster(asked, names)] if asked.cluster or not names else names
    found, missed = [], UsageError(f"No run begins with {short(asked.subject)!r}.")
    for cluster in wanted:
        try:
            found.append(_found(clusters, cluster, asked.subject))
        except UsageError as error:
            missed = error
    if len(found) > 1:
        raise UsageError(f"Several runs begin with {short(asked.subject)!r}.", hint="Write more of the id.")
    if not found:
        raise missed
    return Target(found[0].request.cluster, found[0])


def _found(clusters: Clusters, cluster: str, run: str) -> Run:
    runs = clusters.runs(cluster)
    return runs.get(run) or runs.find(run)


def _act(errand: Errand) -> Answer:
    run = errand.target.run
    if run is None:
        raise TypeError("its target is a run")
    cluster = run.request.cluster
    _note_message(errand, run)
    stopped = errand.runs.cancel(run, errand.caller.by.name)
    data = {"run": run.id, "cluster": cluster, "cancelled": stopped}
    if not stopped:
        return Answer(f"Run {run.id} in {cluster} had ended already, so there was nothing to cancel.", data=data)
    return Answer(f"Run {run.id} in {cluster} is cancelled.", data=data, in_message=True)


def _note_message(errand: Errand, run: Run) -> None:
    """A button may be in a second message of the run that nobody knew of: from now on it ends with the run too."""
    if errand.caller.where is not None:
        state = MessageState(errand.runs.client, errand.runs.keys, RUN.name, run.id)
        state.note_met(errand.caller.where, errand.caller.message)


COMMAND = Command(
    name="cancel",
    usage="cancel RUN [in CLUSTER]",
    meaning="Stop a run.",
    example="cancel 7f3a",
    parse=_parse,
    verb=Verb.DIAGNOSE,
    act=_act,
    target=_its_run,
)
