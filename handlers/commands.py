"""What `/netcheck`, its buttons and the message shortcut do, apart from Slack's envelopes.

Every method returns the message that only the person who acted sees, or None when the run's own message says it all.
"""

import dataclasses
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

import msgspec
import redis

from bot.access.requester import Requester
from bot.config import SigningKey
from bot.errors import NetcheckError, Unavailable, UsageError
from bot.grammar import TEXT_LIMIT, AmbiguousCluster, Asked, choose_cluster, clean, known_nodes, parse
from bot.messages.messages import MessageState
from bot.messages.where import Where
from bot.runs.model import RUN, Run
from bot.runs.requests import new_id, run_request
from bot.runs.status import status_of
from handlers.clusters import Clusters
from handlers.questions import Question, Questions
from handlers.views import answers
from handlers.views.blocks import Message

Parameters = ParamSpec("Parameters")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acted, and where."""

    channel: str
    user: str
    name: str
    """The person's user name, for `status` and for a terminal; Slack itself shows the id as a name."""
    team: str
    trigger: str
    """The same for every delivery of the same act."""
    thread: str = ""
    """The message that the run will answer."""
    message: str = ""
    """The message whose button was pressed."""


def answered(
    method: Callable[Concatenate["Commands", Parameters], Message | None],
) -> Callable[Concatenate["Commands", Parameters], Message | None]:
    """Turn what can go wrong into words for the person who asked."""

    @functools.wraps(method)
    def act(self: "Commands", /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Message | None:
        try:
            return method(self, *args, **kwargs)
        except NetcheckError as error:
            return answers.mistake(error)
        except redis.RedisError as error:
            log.warning("Redis does not answer: %s", error)
            return answers.mistake(
                Unavailable(
                    "Redis, where netcheck keeps its queue, does not answer, so most likely nothing was started.",
                    hint="Try again in a minute; `status` shows what was started.",
                )
            )

    return act


class Commands:
    """The commands; `key` signs what they start."""

    def __init__(self, clusters: Clusters, key: SigningKey) -> None:
        self._clusters = clusters
        self._questions = Questions(clusters.client)
        self._key = key

    @answered
    def typed(self, text: str, caller: Caller) -> Message | None:
        """A line after `/netcheck`."""
        words = text.split(None, 1)
        if not words or words[0].lower() in ("help", "checks"):  # these work without Redis too
            return self._do(parse(text, ()), caller)
        return self._do(parse(text, self._clusters.names()), caller)

    @answered
    def pasted(self, text: str, caller: Caller) -> Message | None:
        """A message to diagnose. Whoever chose it cannot shorten it, so what is too long is cut."""
        return self._do(Asked(command="diagnose", error=clean(text[:TEXT_LIMIT])), caller)

    @answered
    def chosen(self, choice: str, caller: Caller) -> Message | None:
        """The answer to "which cluster": the question's id and the number of the choice."""
        ask, _, number = choice.partition(":")
        question = self._questions.find(ask)
        if question is None or not number.isdecimal() or int(number) >= len(question.choices):
            raise UsageError("This question is too old to be answered.", hint="Give the command again.")
        asked = msgspec.structs.replace(question.asked, cluster=question.choices[int(number)])
        # The same answer twice is the same command, however often the button is pressed.
        caller = dataclasses.replace(caller, thread=question.thread, trigger=f"question {choice}")
        return self._do(asked, caller) or answers.said(f"{asked.command} in {asked.cluster} is on its way.")

    @answered
    def stopped(self, run_id: str, caller: Caller) -> Message | None:
        """The Cancel button of a run's message."""
        for cluster in self._clusters.names():
            run = self._clusters.runs(cluster).get(run_id)
            if run is not None:
                runs = self._clusters.runs(cluster)
                state = MessageState(runs.client, runs.keys, RUN.name, run_id)
                state.note_met(Where(caller.channel), caller.message)
                return None if self._cancelled(run, caller) else answers.said(_ended(run))
        return answers.said("This run is no longer known, so there is nothing to cancel. The button is from long ago.")

    def _do(self, asked: Asked, caller: Caller) -> Message | None:
        actions: dict[str, Callable[[Asked, Caller], Message | None]] = {
            "diagnose": self._start,
            "run": self._start,
            "status": self._status,
            "cancel": self._cancel,
            "checks": lambda *_: answers.check_list(),
            "help": lambda *_: answers.help_on(asked.topic),
        }
        try:
            return actions[asked.command](asked, caller)
        except AmbiguousCluster as question:
            kept = Question(asked=question.asked, choices=question.choices, thread=caller.thread)
            return answers.which_cluster(question, self._questions.keep(kept))

    def _start(self, asked: Asked, caller: Caller) -> None:
        cluster = choose_cluster(asked, self._clusters.names())
        if asked.nodes:
            known_nodes(asked, self._clusters.nodes(cluster))
        request = run_request(
            asked,
            cluster,
            run=new_id(caller.trigger),
            by=Requester(caller.name, caller.user, caller.team),
            now=self._clusters.now(),
        )
        where = Where(caller.channel, caller.thread)
        self._clusters.runs(cluster).submit(request, self._key, where)

    def _status(self, asked: Asked, _: Caller) -> Message:
        cluster = choose_cluster(asked, self._clusters.names())
        return answers.status_view(status_of(self._clusters.runs(cluster)))

    def _cancel(self, asked: Asked, caller: Caller) -> Message:
        run = self._find(asked)
        if not self._cancelled(run, caller):
            return answers.said(_ended(run))
        return answers.said(f"Run {run.id} in {run.request.cluster} is cancelled.")

    def _find(self, asked: Asked) -> Run:
        """The run that is meant, looked for in every cluster unless one was named."""
        names = self._clusters.names()
        wanted = [choose_cluster(asked, names)] if asked.cluster or not names else names
        found, missed = [], UsageError(f"No run begins with {asked.run!r}.")
        for cluster in wanted:
            try:
                found.append(self._clusters.runs(cluster).find(asked.run))
            except UsageError as error:
                missed = error
        if len(found) > 1:
            raise UsageError(f"Several runs begin with {asked.run!r}.", hint="Write more of the id.")
        if not found:
            raise missed
        return found[0]

    def _cancelled(self, run: Run, caller: Caller) -> bool:
        return self._clusters.runs(run.request.cluster).cancel(run, caller.name)


def _ended(run: Run) -> str:
    return f"Run {run.id} in {run.request.cluster} had ended already, so there was nothing to cancel."
