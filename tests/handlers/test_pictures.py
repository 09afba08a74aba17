"""The picture in the thread of a diagnosis and of an incident, through everything that may go wrong with it."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from bot.incidents.incidents import Incidents
from bot.messages import messages
from bot.pictures.matrix import failed
from bot.pictures.render import NotDrawnError, rendered
from bot.pictures.timeline import timeline_of
from bot.playground.blockkit.messages import check_message
from bot.runs.runs import Runs
from checks.diagnosis.model import HEALTHY
from handlers import announcer
from handlers.views.pictured import pictured_incident, pictured_run
from tests.bot.pictures.shown import closed, recorded
from tests.bot.pictures.test_render import width_of
from tests.handlers.conftest import MANIFEST, PNG, Bot, serving
from tests.handlers.reports import REPORT, TCP_FAILS, TCP_PASSES, ended, hostile, replaced, report, run, verdict
from tests.handlers.test_announcer import DIE, NOT_FOUND_YET, answers, ask, bot_process, details, finished, waiting
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

SHARE = "files.completeUploadExternal"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a lost picture after one second instead of six."""
    monkeypatch.setattr(messages, "POSTING_S", 1.0)


def pictures(slack: Playground, channel: str = "incidents") -> list[dict[str, Any]]:
    """The messages with files."""
    return [message for message in slack.messages(channel) if message.get("files")]


def diagnosed(slack: Playground, runs: Runs) -> str:
    """Have a diagnosis end; its id."""
    asked = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    runs.update(asked.id, state="done", report=REPORT)
    return asked.id


def settled(slack: Playground, runs: Runs) -> None:
    """Wait until everything was sent."""
    finished(slack, timeout_s=NOT_FOUND_YET)
    until(lambda: not waiting(runs), NOT_FOUND_YET)


def told(slack: Playground) -> list[str]:
    """The pictures that are told in words."""
    return [words(m) for m in details(slack, answers(slack)[0]) if "from / to" in words(m)]


@pytest.mark.usefixtures("bot")
def test_a_diagnosis_that_rests_on_a_matrix_has_its_picture(slack: Playground, runs: Runs) -> None:
    """One file in its thread, with a title and with words for who does not see it."""
    asked = diagnosed(slack, runs)

    slack.wait_for(lambda: pictures(slack))
    settled(slack, runs)
    (shown,) = pictures(slack)
    (file,) = shown["files"]
    matrix = failed(REPORT)
    assert matrix is not None
    assert answers(slack)[0]["ts"] == shown["thread_ts"]
    assert (matrix.title, matrix.alt, "image/png") == (file["title"], file["alt_txt"], file["mimetype"])
    assert PNG == slack.file(f"netcheck-{asked}-matrix.png")
    assert (1, []) == (len(slack.calls_of(SHARE)), told(slack))


@pytest.mark.usefixtures("bot")
def test_it_is_drawn_beside_the_bot(slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """What arrives is a PNG of 1200 pixels."""
    monkeypatch.setattr(announcer, "rendered", rendered)

    asked = diagnosed(slack, runs)

    slack.wait_for(lambda: pictures(slack), 30)
    assert 1200 == width_of(slack.file(f"netcheck-{asked}-matrix.png"))


@pytest.mark.parametrize(
    "shown",
    [
        run(),
        ended(report(TCP_FAILS)),
        ended(report(TCP_PASSES, diagnosis=verdict(HEALTHY))),
        ended(report(TCP_PASSES, diagnosis=verdict("unknown"))),
        run(state="failed", error="No worker."),
    ],
    ids=["open", "one check", "healthy", "no path fails", "failed"],
)
def test_what_rests_on_no_matrix_has_none(shown: Any) -> None:
    """A picture that says that all is well, or nothing, is noise."""
    assert [] == list(pictured_run(shown))


def test_the_recorded_incident_has_its_matrix() -> None:
    """Its name is of this run alone, so that it can be found again."""
    (shown,) = pictured_run(ended(recorded()))

    assert ("matrix", "netcheck-0123456789-matrix.png") == (shown.part, shown.file)
    assert failed(recorded()) == shown.picture
    assert "cp                  -  fails     23" in words(shown.instead)


def test_slack_takes_the_words_of_hostile_pictures() -> None:
    """Whatever a cluster's names hold, it is short enough, and addresses nobody."""
    bad = hostile(8)
    pairs = tuple(replaced(f, seen=TCP_FAILS.seen, seen_in_all=0) for f in bad.findings)
    (shown,) = pictured_run(ended(replaced(bad, findings=pairs, awaited=())))

    check_message(shown.instead["blocks"])
    assert "<!channel>" not in str(shown.instead)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    "fault",
    [
        ("files.getUploadURLExternal", {"error": "missing_scope"}),
        ("files.getUploadURLExternal", {"status": 503}),
        ("files.getUploadURLExternal", {"lose_answer": True}),
        (SHARE, {"error": "posting_to_channel_denied"}),
    ],
    ids=["scope", "trouble", "lost", "not shown"],
)
def test_where_no_file_is_taken_it_is_told_in_words(
    slack: Playground, runs: Runs, fault: tuple[str, dict[str, Any]]
) -> None:
    """The same matrix in characters of one width, once."""
    method, how = fault
    slack.inject(method, **how)

    diagnosed(slack, runs)

    slack.wait_for(lambda: told(slack))
    settled(slack, runs)
    assert (1, []) == (len(told(slack)), pictures(slack))
    assert "w1                  -  fails" in told(slack)[0]


def test_without_the_right_to_upload_it_is_told_in_words(runs: Runs, redis_url: str) -> None:
    """A workspace may leave `files:write` out."""
    scopes = {"oauth_config": {"scopes": {"bot": ["commands", "chat:write", "channels:history"]}}}
    with Playground(manifest={**MANIFEST, **scopes}) as slack, serving(slack, redis_url):
        diagnosed(slack, runs)
        slack.wait_for(lambda: told(slack))
        settled(slack, runs)
        assert (1, []) == (len(told(slack)), pictures(slack))


@pytest.mark.usefixtures("bot")
def test_what_cannot_be_drawn_is_told_in_words(slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends as it would."""

    def broken(_: object) -> bytes:
        raise NotDrawnError("no memory")

    monkeypatch.setattr(announcer, "rendered", broken)

    diagnosed(slack, runs)

    slack.wait_for(lambda: told(slack))
    settled(slack, runs)
    assert (1, []) == (len(told(slack)), slack.calls_of("files.getUploadURLExternal"))


@pytest.mark.usefixtures("bot")
def test_a_picture_whose_answer_was_lost_is_shown_once(slack: Playground, runs: Runs) -> None:
    """Slack has shown it and the bot does not know: it is found by the file's name."""
    slack.inject(SHARE, lose_answer=True)

    diagnosed(slack, runs)

    slack.wait_for(lambda: slack.calls_of("conversations.replies"), NOT_FOUND_YET)
    settled(slack, runs)
    assert (1, 1, []) == (len(pictures(slack)), len(slack.calls_of(SHARE)), told(slack))


@pytest.mark.usefixtures("bot")
def test_too_many_uploads_wait(slack: Playground, runs: Runs) -> None:
    """After a 429 it is uploaded later, and not told in words."""
    slack.inject("files.getUploadURLExternal", status=429, retry_after=1)

    diagnosed(slack, runs)

    slack.wait_for(lambda: pictures(slack), NOT_FOUND_YET)
    settled(slack, runs)
    assert (1, []) == (len(pictures(slack)), told(slack))


@pytest.mark.parametrize(
    "step", ["before Posts.upload", "after Posts.upload", "before Posts.share", "after Posts.share"]
)
def test_a_bot_that_dies_with_a_picture_in_hand(
    slack: Playground, runs: Runs, redis_url: str, start: Any, step: str
) -> None:
    """Whatever was done last, the next bot ends with one picture: it looks for the file before it shows another."""
    when, _, method = step.partition(" ")
    owner, _, name = method.partition(".")
    drawn = f"from handlers import announcer\nannouncer.rendered = lambda _: {PNG!r}\n"
    with bot_process(slack, redis_url, drawn + DIE.format(owner=owner, name=name, when=when)) as process:
        diagnosed(slack, runs)
        assert -signal.SIGKILL == process.wait(30)
    if step == "after Posts.share":
        slack.wait_for(lambda: pictures(slack))

    start()

    slack.wait_for(lambda: pictures(slack), NOT_FOUND_YET)
    settled(slack, runs)
    assert (1, []) == (len(pictures(slack)), told(slack))
    assert 1 == len(details(slack, answers(slack)[0]))


@pytest.mark.usefixtures("bot")
def test_two_bots_show_one_picture(slack: Playground, runs: Runs, start: Callable[..., Bot]) -> None:
    """With two replicas too."""
    start()

    diagnosed(slack, runs)

    slack.wait_for(lambda: pictures(slack), NOT_FOUND_YET)
    settled(slack, runs)
    assert (1, 1) == (len(pictures(slack)), len(slack.calls_of(SHARE)))


@pytest.mark.usefixtures("bot")
def test_a_picture_that_is_being_drawn_holds_up_no_edit(
    slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other messages are posted and edited meanwhile; other pictures wait for their turn."""
    monkeypatch.setattr(announcer, "WORKERS", 2)
    drawing: list[bool] = []
    released: list[bool] = []

    def slow(_: object) -> bytes:
        drawing.append(True)
        until(lambda: released)
        return PNG

    monkeypatch.setattr(announcer, "rendered", slow)
    diagnosed(slack, runs)
    until(lambda: drawing)

    for number in range(3):
        slack.command("on-call", "incidents", f"/netcheck diagnose {number}")
    for asked in runs.recent(3):
        runs.update(asked.id, state="done", report=REPORT)

    slack.wait_for(lambda: len([m for m in answers(slack) if "94 %" in words(m)]) == 4)
    assert [True] == drawing
    released.append(True)
    slack.wait_for(lambda: len(pictures(slack)) == 4, NOT_FOUND_YET)


@pytest.mark.usefixtures("bot")
def test_a_closed_incident_has_its_timeline(slack: Playground, runs: Runs) -> None:
    """Beside its report, once."""
    incident = closed()

    Incidents(runs.client, runs.cluster).open(incident)

    slack.wait_for(lambda: pictures(slack), NOT_FOUND_YET)
    until(lambda: not waiting(runs), NOT_FOUND_YET)
    (shown,) = pictures(slack)
    picture = timeline_of(incident)
    assert picture is not None
    assert (picture.alt, f"netcheck-{incident.id}-timeline.png") == (
        shown["files"][0]["alt_txt"],
        shown["files"][0]["name"],
    )
    assert any("Timeline" in words(message) for message in slack.thread(answers(slack)[0]))


def test_an_open_incident_has_no_picture_yet() -> None:
    """What happens is told line by line until it is over."""
    assert [] == list(pictured_incident(replaced(closed(), state="open")))
    assert ["timeline"] == [each.part for each in pictured_incident(closed())]
