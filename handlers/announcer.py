"""Keeps the message of every record as it should be: posted once, edited in place, details in its thread at the end.

Any replica may do it for any record, and may be killed at any line. A message carries its record's kind and id as
metadata; a post is noted before it is made; so whoever comes next looks for the message in the channel before posting
it again. What a message shows is noted too, and nothing is sent that shows the same once more.

A picture is a file, and the message of a file carries no metadata. It is drawn and uploaded unseen; only the last step,
which shows it, is noted before it is made, and whoever comes next looks for a file of its name. Slack processes files
after its answer, so who dies between that step and the note, and is followed before the file has appeared, leaves one
picture too many: of a picture there are two at most for each such death, and never none.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import redis
from slack_sdk.errors import SlackApiError

from bot.commands.clusters import Clusters
from bot.errors import Unreadable
from bot.messages import messages
from bot.messages.messages import MESSAGE, MessageState
from bot.messages.where import Where
from bot.pictures.render import NotDrawnError, rendered
from bot.runs.overdue import end_overdue
from bot.store.due import Due, Taken
from bot.store.keys import Keys
from bot.store.records import MESSAGES, Record, read
from handlers import refusals
from handlers.posts import Posts, Sender, Subject, TooSoonError
from handlers.shown import Shown
from handlers.views.blocks import Message, Part
from handlers.views.pictured import Pictured

WORKERS = 10
"""Messages that are edited at the same time: Slack answers in some hundred milliseconds, and of twenty people who
press at once each sees within a second what came of it."""
POLL_S = 0.1
"""Nobody is woken for a new record: when many people type at once, their acknowledgements go first."""
ENDS_EVERY_S = 1.0
HELD_S = 5.0
"""The lease on a message. A call to Slack may take longer; then the note of the post that was begun protects it."""
EDIT_EVERY_S = 1.0
"""A message is edited at most once in so many seconds; what changes in between is shown together."""
DELETED = "deleted"
_EASEL = threading.Lock()
"""One picture at a time: each takes a hundred megabytes while it is drawn."""
REFUSED_OPEN, REFUSED_ENDED = "refused while open", "refused when ended"

log = logging.getLogger(__name__)


class Announcer:
    """The loop; `run` is its thread's target."""

    def __init__(self, clusters: Clusters, sender: Sender, shown: Mapping[str, Shown]) -> None:
        self._clusters = clusters
        self._client: Any = clusters.client
        self._sender = sender
        self._shown = shown
        self._stop = threading.Event()
        self._away = False

    def stop(self) -> None:
        """End `run` after the calls that are under way."""
        self._stop.set()

    def run(self) -> None:
        """Show what is due, and end runs whose time has passed, until told to stop."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="announcer") as pool:
            busy: set[Future[None]] = set()
            turn = 0
            while not self._stop.wait(POLL_S):
                busy = {call for call in busy if not call.done()}
                turn += 1
                try:
                    for cluster in self._clusters.names():
                        if turn % round(ENDS_EVERY_S / POLL_S) == 0:
                            end_overdue(self._clusters.runs(cluster))
                        free = WORKERS - len(busy)
                        for taken in self._due(cluster).take(free, HELD_S) if free else ():
                            busy.add(pool.submit(self._announce, cluster, taken))
                    self._away = False
                except redis.RedisError as error:
                    self._complain(error)
                    self._stop.wait(1.0)

    def _due(self, cluster: str) -> Due:
        return Due(self._client, Keys(cluster), MESSAGES)

    def _complain(self, error: Exception) -> None:
        if not self._away:
            log.warning("Redis does not answer (%s): messages stand still until it does", error)
        self._away = True

    def _announce(self, cluster: str, taken: Taken) -> None:
        try:
            showing = self._showing(cluster, taken)
            if showing is None:
                taken.done()
            else:
                showing.show()
        except redis.RedisError as error:
            # The lease lapses, and the message is due again.
            self._complain(error)
        except Exception:
            log.exception("showing %s of %s", taken.item, cluster)

    def _showing(self, cluster: str, taken: Taken) -> "_Showing | None":
        """What is to be done; None when there is nothing to show."""
        name, _, record_id = taken.item.partition("/")
        shown = self._shown.get(name)
        if shown is None:
            log.warning("no message shows a record of the kind %s", name)
            return None
        keys = Keys(cluster)
        # Read after it was taken: whatever changes from here on makes it due once more.
        record = read(self._client, keys, shown.kind, record_id)
        state = MessageState(self._client, keys, name, record_id)
        if isinstance(record, Unreadable):
            log.warning("%s", record.text)
        if not isinstance(record, Record) or state.where is None:
            return None
        posts = Posts(self._sender, Subject(cluster, name, record_id))
        return _Showing(posts, taken, state, _Content(record, shown), state.where)


@dataclass(frozen=True, slots=True)
class _Content:
    """A record and how it is shown."""

    record: Record[Any]
    shown: Shown

    @property
    def ended(self) -> bool:
        return self.shown.ended(self.record.content)

    def message(self) -> Message:
        return self.shown.message(self.record.content)

    @property
    def prompt(self) -> bool:
        return self.shown.prompt(self.record.content)

    @property
    def room(self) -> str | None:
        return self.shown.room(self.record.content)

    @property
    def pictures(self) -> Iterable[Pictured]:
        return self.shown.pictures(self.record.content)

    def thread(self) -> Iterable[Part]:
        content = self.record.content
        return self.shown.thread(content, self.record.changed_at - self.shown.asked_at(content))


class _Showing:
    """One attempt to show one record as it is now."""

    def __init__(self, posts: Posts, taken: Taken, state: MessageState, content: _Content, where: Where) -> None:
        self._posts = posts
        self._taken = taken
        self._state = state
        self._content = content
        self._where = where
        self._rest_s = 0.0
        """How long the message is left alone afterwards: only where it was changed just now."""

    def show(self) -> None:
        """Bring the message up to date and settle when it is due again."""
        if self._given_up():
            self._taken.done()
            return
        try:
            self._bring_up_to_date()
        except TooSoonError as error:
            # A click that comes meanwhile brings an address of its own, and needs no turn.
            self._taken.again(error.wait_s, rest_s=self._rest_s)
        except SlackApiError as error:
            self._refused(error)
        except refusals.NO_ANSWER as error:
            log.warning("Slack does not answer (%s): %s is shown later", error, self._taken.item)
            self._unsure()

    def _given_up(self) -> bool:
        refused = REFUSED_ENDED if self._content.ended else REFUSED_OPEN
        return self._state.gave_up(DELETED) or self._state.gave_up(refused)

    def _bring_up_to_date(self) -> None:
        if self._message() and self._orphans() and self._parts():
            self._taken.done(rest_s=self._rest_s)
        else:  # somebody else may be at it
            self._taken.again(1.0)

    def _message(self) -> bool:
        view = self._content.message()
        ts = self._state.posted()
        if not ts:
            return self._once(MESSAGE, self._where, self._where.thread, view)
        self._edit(ts, view)
        return True

    def _parts(self) -> bool:
        """What belongs to the message, in its thread or in a channel of its own."""
        room, shown, content = self._content.room, self._content.shown, self._content.record.content
        if room is None:
            # The record changes with that, so it is shown once more.
            shown.settle_room(content, self._posts.room(shown.room_name(content)))
            return True
        if not room:
            return self._posted_at(self._where, self._where.thread or self._state.posted())
        for user in shown.people(content):
            if not self._state.in_room(user):
                self._posts.invite(room, user)
                self._state.note_in_room(user)
        try:
            return self._posted_at(Where(room), "")
        except SlackApiError as error:
            if refusals.code(error) not in refusals.NOT_HERE:
                raise
            log.warning("%s leaves its channel %s: %s", self._taken.item, room, refusals.code(error))
            shown.settle_room(content, "")
            return True

    def _posted_at(self, where: Where, thread: str) -> bool:
        for part, view in self._content.thread():
            if not self._state.posted(part) and not self._once(part, where, thread, view()):
                return False
        for each in self._content.pictures:
            if not self._state.posted(each.part) and not self._pictured(each, where, thread):
                return False
        return True

    def _pictured(self, pictured: Pictured, where: Where, thread: str) -> bool:
        """Post a picture unless it is there, or its words; False when somebody else may be at it."""
        # Drawing takes seconds, and whoever waits for an edit must not wait for that.
        if not _EASEL.acquire(blocking=False):
            return False
        try:
            self._posts.turn(where)
            file = self._uploaded(pictured)
        finally:
            _EASEL.release()
        self._state.look_again()
        if self._state.posted(pictured.part):
            return True
        begun = self._state.begin(pictured.part)
        if begun is None:
            return False
        known = self._posts.find(where, thread, pictured.part, begun.since, pictured.file) if begun.since else ""
        self._state.note_posted(pictured.part, known or self._hung(pictured, where, thread, file))
        return True

    def _uploaded(self, pictured: Pictured) -> str:
        """The id of a picture that Slack has and nobody sees yet; empty where there is none."""
        picture = pictured.picture
        try:
            return self._posts.upload(pictured.file, rendered(picture), picture.alt)
        except NotDrawnError as error:
            log.warning("%s is told in words, because it could not be drawn: %s", pictured.file, error)
        except refusals.NO_ANSWER as error:
            code = refusals.code(error) if isinstance(error, SlackApiError) else ""
            log.warning("%s is told in words, because Slack did not take it: %s", pictured.file, code or error)
        return ""

    def _hung(self, pictured: Pictured, where: Where, thread: str, file: str) -> str:
        """What is noted of the picture once it, or its words, are in the thread."""
        try:
            if file and self._shared(pictured, where, thread, file):
                return file
            return self._posts.put(where, thread, pictured.part, pictured.instead)
        except (SlackApiError, TooSoonError) as error:
            if isinstance(error, TooSoonError) or refusals.certain(error):
                self._state.note_refused(pictured.part)
            raise

    def _shared(self, pictured: Pictured, where: Where, thread: str, file: str) -> bool:
        """Whether Slack shows an uploaded picture; False where it certainly does not."""
        try:
            self._posts.share(where, thread, file, pictured.picture.title)
        except SlackApiError as error:
            if not refusals.certain(error):
                raise
            log.warning("%s is told in words, because Slack does not show it: %s", file, refusals.code(error))
            return False
        return True

    def _orphans(self) -> bool:
        """A copy that was posted because nobody could look must not stand there for ever as if it went on."""
        if self._content.prompt:
            for ts in self._state.orphans():
                self._edit(ts, self._content.message())
        return True

    def _edit(self, ts: str, view: Message, part: str = MESSAGE, where: Where | None = None) -> None:
        if not self._state.shows(ts, view):
            self._posts.edit(where or self._where, ts, view, part, prompt=self._content.prompt)
            self._rest_s = EDIT_EVERY_S
            self._state.note_shown(ts, view)

    def _once(self, part: str, where: Where, thread: str, view: Message) -> bool:
        """Post a part of the record unless it is there; False when somebody else may be at it."""
        begun = self._state.begin(part)
        if begun is None:
            return False
        ts = self._posts.find(where, thread, part, begun.since) if begun.since else ""
        if ts:
            self._state.note_posted(part, ts)
            self._edit(ts, view, part, where)
            return True
        try:
            ts = self._posts.post(where, thread, part, view)
        except (SlackApiError, TooSoonError) as error:
            if isinstance(error, TooSoonError) or refusals.certain(error):
                self._state.note_refused(part)
            raise
        self._state.note_posted(part, ts)
        self._state.note_shown(ts, view)
        return True

    def _refused(self, error: SlackApiError) -> None:
        code = refusals.code(error)
        if code in refusals.GONE:
            self._give_up(DELETED)
        elif code in refusals.NO_THREAD and self._where.thread:
            self._move(Where(self._where.channel))
        elif code in refusals.NO_THREAD and self._state.posted():
            # The thread is that of the message itself: somebody deleted it.
            self._give_up(DELETED)
        elif code in refusals.NOT_HERE:
            self._elsewhere(code)
        else:
            log.warning("Slack does not show %s now: %s", self._taken.item, code or error)
            self._unsure()

    def _unsure(self) -> None:
        """Try again when it is certain whether a post has arrived."""
        self._taken.again(messages.POSTING_S)

    def _elsewhere(self, code: str) -> None:
        """Show the record to the person who asked for it: in the channel it is not possible."""
        log.warning("%s cannot be shown in %s: %s", self._taken.item, self._where.channel, code)
        self._content.shown.refused(self._content.record.content, code)
        user = self._content.shown.asked_by(self._content.record.content).user
        try:
            direct = "" if self._state.posted() or not user else self._posts.explain(self._where, user, code)
        except (TooSoonError, SlackApiError, *refusals.NO_ANSWER) as error:
            log.warning("cannot tell %s about it now: %s", user, error)
            self._unsure()
            return
        if direct and direct != self._where.channel:
            self._move(Where(direct))
        else:
            self._give_up(REFUSED_ENDED if self._content.ended else REFUSED_OPEN)

    def _give_up(self, why: str) -> None:
        self._state.note_gave_up(why)
        self._taken.done()

    def _move(self, where: Where) -> None:
        self._state.note_moved(where)
        self._taken.again(0.0)
