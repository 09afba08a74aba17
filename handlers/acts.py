"""What people do in Slack, given at the door; what comes of it is a message that only they see.

Every method returns that message, or None when the run's own message says it all.
"""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Concatenate, ParamSpec, TypeVar

import msgspec
import redis

from bot.commands.answer import Answer, Opened, Outcome, Started
from bot.commands.caller import Caller
from bot.commands.digest import Unsaid
from bot.commands.excerpt import excerpt
from bot.commands.grammar import AmbiguousCluster, Asked
from bot.commands.perform import Door
from bot.commands.runbook_words import Incomplete
from bot.decoding import decoded
from bot.errors import NetcheckError, Unavailable, Unreadable, UsageError
from bot.messages.where import Where
from handlers.offers import Form, Reply, Upload
from handlers.questions import Question, Questions
from handlers.response_urls import ResponseUrls
from handlers.views import answers
from handlers.views.acting import asked_by
from handlers.views.blocks import Message
from handlers.views.digest_form import Entered, KeptDigest, asked_for, digest_form
from handlers.views.pool import CREATE_POOL, Kept, pool_form

_FORMS_OPEN = ("command", "button")
"""What people act through when Slack gives a trigger with which a form opens."""
_POSTED_IN = ("C", "G")
"""How ids of channels begin; a conversation of two cannot be chosen in the form of a digest."""
Parameters = ParamSpec("Parameters")

log = logging.getLogger(__name__)


Carried = TypeVar("Carried")


def _carried(carried: str, kind: type[Carried]) -> Carried:
    """What a form carries unseen.

    Raises:
        UsageError: this version of netcheck did not make it.
    """
    try:
        return decoded(carried.encode(), kind)
    except Unreadable:
        raise UsageError("This form is from another version of netcheck.", hint="Give the command again.") from None


def answered(
    method: Callable[Concatenate["Acts", Parameters], Reply],
) -> Callable[Concatenate["Acts", Parameters], Reply]:
    """Turn what can go wrong into words for the person who acted."""

    @functools.wraps(method)
    def act(self: "Acts", /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Reply:
        try:
            return method(self, *args, **kwargs)
        except NetcheckError as error:
            return answers.mistake(error)
        except redis.RedisError as error:
            log.warning("Redis does not answer: %s", error)
            return answers.mistake(
                Unavailable(
                    "Redis, where netcheck keeps its queue, does not answer, so most likely nothing was started.",
                    hint="Try again in a minute, and see what was started:",
                    command="status",
                )
            )

    return act


class Acts:
    """The acts of people in Slack. `trouble` tells why nothing can be written in channels; empty when it can."""

    def __init__(
        self, door: Door, questions: Questions, response_urls: ResponseUrls, trouble: Callable[[], str]
    ) -> None:
        self._door = door
        self._questions = questions
        self._response_urls = response_urls
        self._trouble = trouble

    @answered
    def typed(self, text: str, caller: Caller) -> Reply:
        """A line after `/netcheck`, or in the bot's own conversation."""
        return self._shown(self._asking(lambda: self._door.typed(text, caller), caller), caller)

    @answered
    def pasted(self, text: str, caller: Caller, unread: Sequence[str] = ()) -> Reply:
        """A message to diagnose. Whoever chose it cannot shorten it, so of a long one the telling lines are taken.

        `unread` says what belongs to it and could not be read, in sentences.
        """
        taken = excerpt(text)
        asked = Asked(command="diagnose", subject=taken.text)
        view = self._shown(self._asking(lambda: self._door.perform(asked, caller), caller), caller)
        told = " ".join([*unread, *([taken.left_out] if taken.left_out else [])])
        return answers.said(told) if view is None and told else view

    @answered
    def chosen(self, choice: str, caller: Caller) -> Reply:
        """The answer to "which cluster": the question's id and the number of the choice."""
        ask, _, number = choice.partition(":")
        question = self._questions.find(ask)
        if question is None or not number.isdecimal() or int(number) >= len(question.choices):
            raise UsageError("This question is too old to be answered.", hint="Give the command again.")
        asked = msgspec.structs.replace(question.asked, cluster=question.choices[int(number)])
        # The same answer twice is the same command, however often the button is pressed.
        caller = msgspec.structs.replace(caller, where=question.where, trigger=f"question {choice}")
        view = self._shown(self._asking(lambda: self._door.perform(asked, caller), caller), caller)
        return view or answers.said(f"{asked.command} in {asked.cluster} is on its way.")

    @answered
    def acted(self, value: str, caller: Caller, response_url: str = "") -> Reply:
        """A button that asks for what a command does; read like what people type, so nothing else can be in it."""
        self._clicked(caller, response_url)
        return self._shown(self._asking(lambda: self._door.typed(asked_by(value).line, caller), caller), caller)

    @answered
    def filled(self, carried: str, entered: Mapping[str, str], caller: Caller) -> Reply:
        """A form: what it carries unseen, and what was entered."""
        kept = _carried(carried, Kept)
        asked = msgspec.structs.replace(kept.asked, parameters={**kept.asked.parameters, **entered})
        return self._submitted(asked, kept.where, caller)

    @answered
    def digest_filled(self, carried: str, entered: Entered, caller: Caller) -> Reply:
        """The form of a digest."""
        kept = _carried(carried, KeptDigest)
        return self._submitted(asked_for(kept, entered), kept.where, caller)

    def _submitted(self, asked: Asked, where: Where | None, caller: Caller) -> Reply:
        caller = msgspec.structs.replace(caller, where=where)
        return self._shown(self._asking(lambda: self._door.typed(asked.line, caller), caller), caller)

    @answered
    def stopped(self, run: str, caller: Caller, response_url: str = "") -> Reply:
        """The Cancel button of a run's message."""
        self._clicked(caller, response_url)
        outcome = self._door.perform(Asked(command="cancel", subject=run), caller)
        in_message = isinstance(outcome, Answer) and outcome.in_message
        return None if in_message else self._shown(outcome, caller)

    def _clicked(self, caller: Caller, response_url: str) -> None:
        if caller.where is not None:
            self._response_urls.keep(caller.where, caller.message, response_url)

    def _asking(self, act: Callable[[], Outcome], caller: Caller) -> Outcome | Message | Form:
        try:
            return act()
        except AmbiguousCluster as question:
            kept = Question(asked=question.asked, choices=question.choices, where=caller.where)
            return answers.which_cluster(question, self._questions.keep(kept))
        except Incomplete as question:
            if question.asked.subject != CREATE_POOL or caller.surface not in _FORMS_OPEN:
                raise
            view = pool_form(Kept(asked=question.asked, where=caller.where))
            return Form(view, answers.not_opened(question))
        except Unsaid as question:
            if caller.surface not in _FORMS_OPEN:
                raise
            channel = caller.where.channel if caller.where and caller.where.channel[:1] in _POSTED_IN else ""
            carried = KeptDigest(cluster=question.cluster, where=caller.where)
            return Form(digest_form(carried, Entered(channel=channel)), answers.not_opened(question))

    def _shown(self, outcome: Outcome | Message | Form, caller: Caller) -> Reply:
        if isinstance(outcome, dict | Form):
            return outcome
        trouble = self._trouble()
        if isinstance(outcome, Started | Opened) and trouble:
            return answers.unseen(outcome, trouble)
        if isinstance(outcome, Opened):
            return None if outcome.in_sight else answers.moved_on(outcome)
        if isinstance(outcome, Started):
            return None
        if outcome.file is not None and caller.where is not None:
            return Upload(outcome.file, answers.in_thread(outcome.file), answers.answer_view(outcome, trouble))
        return answers.answer_view(outcome, trouble)
