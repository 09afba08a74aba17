"""The messages of incidents: every state at every step of every plan, and hostile text in all of them."""

import functools
import re
from typing import Any

import msgspec
import pytest

from bot.commands.grammar import Asked, Line
from bot.commands.registry import understand
from bot.incidents import incidents
from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Sort
from bot.incidents.outline import outline
from bot.incidents.waiting import waits
from bot.playground.blockkit.messages import check_message
from bot.runbooks.execution import Approved
from bot.runbooks.machine import State
from bot.runbooks.model import digest
from bot.runs.model import Wanted
from checks.diagnosis.model import HEALTHY, UNKNOWN
from checks.finding import Finding, Severity
from checks.report import Report
from checks.text import say
from handlers.views import acting, blocks
from handlers.views.acting import VALUE_CHARACTERS, asked_by
from handlers.views.blocks import escape
from handlers.views.incident import incident_message, incident_thread
from handlers.views.run import run_message
from handlers.views.tasks import without_plans
from tests.bot.runbooks.situations import report as seen_for_a_plan
from tests.handlers.incidents import OWNER, STARTER, SWAP, at, everywhere, hostile, of_many_nodes, opened, plan
from tests.handlers.reports import DIAGNOSIS, FINDINGS, ended, report, run, verdict
from tests.handlers.test_views import words

LONG = of_many_nodes(20)
ALL = [
    *everywhere(),
    *hostile(),
    *((f"twenty nodes {state}", at(state, LONG, 100)) for state in State),
    ("no plan", opened()),
    ("closed", opened(state="closed")),
]


@functools.cache
def messages() -> list[tuple[str, blocks.Message]]:
    """The messages of all."""
    return [(name, incident_message(incident)) for name, incident in ALL]


@functools.cache
def threads() -> list[tuple[str, blocks.Message]]:
    """What hangs in the threads of all."""
    return [(f"{name} {part}", view) for name, incident in ALL for part, view in thread(incident)]


def buttons(message: blocks.Message) -> list[dict[str, Any]]:
    """The buttons of a message, in their order."""
    return [e for block in message["blocks"] if block["type"] == "actions" for e in block["elements"]]


def labels(message: blocks.Message) -> list[tuple[str, str]]:
    """What is written on them, and how they stand out."""
    return [(each["text"]["text"], each.get("style", "")) for each in buttons(message)]


def thread(incident: Incident) -> list[tuple[str, blocks.Message]]:
    """What hangs in the thread, by part."""
    return [(part, view()) for part, view in incident_thread(incident)]


def refused(message: blocks.Message) -> str:
    """Why Slack or the person reading would not take a message; empty when they would."""
    try:
        check_message(message["blocks"])
    except Exception as error:  # noqa: BLE001 - any refusal is told
        return repr(error)
    over = blocks.characters(message["blocks"]) > blocks.MESSAGE_CHARACTERS
    ids = [each["action_id"] for each in buttons(message)]
    values = [each for each in buttons(message) if len(each["value"]) > VALUE_CHARACTERS]
    return f"{over} {ids} {values}" if over or len(set(ids)) < len(ids) or values else ""


def test_slack_takes_every_message() -> None:
    """In every state at every step: fifty blocks, three thousand characters, each button with an id of its own."""
    assert {} == {name: why for name, message in messages() if (why := refused(message))}


def test_slack_takes_every_thread() -> None:
    """The same holds for what hangs in the thread, the report included."""
    assert {} == {name: why for name, message in threads() if (why := refused(message))}


def test_nothing_from_a_cluster_calls_anybody() -> None:
    """Neither in a message nor in its thread."""
    views = [view for _, view in (*messages(), *threads())]

    assert set() == {found for view in views for found in re.findall(r"<(?!@U0[A-Z]+>)[^>]{0,40}", words(view))}


def test_what_is_to_be_done_is_never_what_is_left_out() -> None:
    """Also of a long plan: how it stands and what to do comes before the list of steps, the buttons stand last."""
    message = incident_message(at(State.OFFERED, LONG, 1))
    said = words(message)

    assert said.index("Waiting for the approval of a second person") < said.index("*Now: ") < said.index("Steps, 1 of")
    assert "actions" == message["blocks"][-1]["type"]


def test_the_buttons_stay_when_the_text_is_too_long() -> None:
    """Text is left out, and it is said so."""
    message = incident_message(msgspec.structs.replace(dict(hostile())["hostile offered"], cluster="prod"))

    assert "The rest does not fit here." in words(message)
    assert ["Approve (a second person)", "Roll back", "Pause", "Stop here"] == [label for label, _ in labels(message)]


def test_while_something_is_done_there_is_no_button() -> None:
    """Nobody presses what does nothing; the headline has another sign than where somebody is awaited."""
    silent = {
        str(incident.execution.state)
        for name, incident in everywhere()
        if incident.execution and not buttons(incident_message(incident))
    }
    offered_by_itself = at(State.OFFERED, plan("create-pool"))

    busy = {"planning", "checking", "acting", "verifying", "undoing", "undo-verifying", "offered"}
    assert busy == silent
    assert (False, []) == (waits(offered_by_itself.execution), labels(incident_message(offered_by_itself)))  # type: ignore[arg-type]
    assert "hourglass" in incident_message(offered_by_itself)["text"]


def test_where_a_person_is_awaited_there_is_a_button() -> None:
    """The first one leads on and stands out; no other one does."""
    waiting = [
        (name, labels(incident_message(incident)))
        for name, incident in everywhere()
        if incident.execution and not incident.execution.ended and waits(incident.execution)
    ]

    assert {} == {name: found for name, found in waiting if [style for _, style in found][:1] != ["primary"]}
    assert {} == {name: found for name, found in waiting if "primary" in [style for _, style in found][1:]}


BOTH_WAYS = ("Switch the tunnel offload of VMXNET3 off", "Replace VMXNET3 by e1000e")


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        (at(State.OFFERED, plan("redeploy-metallb")), ["Approve", "Pause", "Stop here"]),
        (at(State.OFFERED, plan("redeploy-metallb", operator=False)), ["I have done it", "Pause", "Stop here"]),
        (at(State.OFFERED, plan(SWAP), 8), ["Go on", "Pause", "Stop here"]),
        (at(State.OFFERED, plan(SWAP), 2), ["Approve (a second person)", "Roll back", "Pause", "Stop here"]),
        (at(State.OFFERED, plan(SWAP), paused=True), ["Resume", "Stop here"]),
        (at(State.BLOCKED, plan(SWAP)), ["Look again", "Stop here", "Diagnose again"]),
        (
            at(State.UNVERIFIED, plan(SWAP), 2),
            ["Look again", "Do it again", "Roll back", "Stop here", "Diagnose again"],
        ),
        (
            at(State.UNVERIFIED, plan(SWAP, operator=False), 2),
            ["I have done it", "Look again", "Roll back", "Stop here", "Diagnose again"],
        ),
        (at(State.UNDO_OFFERED, plan(SWAP), 1), ["Approve", "Do not roll back", "Stop here"]),
        (at(State.STUCK, plan(SWAP), 2), ["Look again", "Stop here", "Diagnose again"]),
        (at(State.DONE, plan(SWAP)), ["Close the incident", "Diagnose again"]),
        (
            at(State.STOPPED, plan(SWAP)),
            [
                "Switch the tunnel offload of VMXNET3 off",
                "Replace VMXNET3 by e1000e",
                "Close the incident",
                "Diagnose again",
            ],
        ),
        (
            opened(),
            [
                "Switch the tunnel offload of VMXNET3 off",
                "Replace VMXNET3 by e1000e",
                "Close the incident",
                "Diagnose again",
            ],
        ),
        (opened(state="closed"), []),
    ],
)
def test_which_buttons_there_are(incident: Incident, expected: list[str]) -> None:
    """Those that do something there; the most likely first."""
    assert expected == [label for label, _ in labels(incident_message(incident))]


def test_what_an_approval_covers_is_not_asked_for_again() -> None:
    """The next step of the unit goes on by itself."""
    steps = plan(SWAP).unit(plan(SWAP).steps[1].unit)
    word = Approved(by=OWNER, at=0.0, revision=3, digest=digest(steps))
    incident = at(State.OFFERED, plan(SWAP), 1, approvals={plan(SWAP).steps[1].unit: word})

    assert [] == labels(incident_message(incident))


def test_every_button_is_read_as_what_it_asks_for() -> None:
    """What a button carries can be typed, and is understood to be the same."""
    asked = [asked_by(each["value"]) for _, message in messages() for each in buttons(message)]
    fits = [each for each in asked if "<" not in each.cluster]

    assert len(fits) > 100
    assert [] == [each for each in fits if understand(Line.typed(each.line, lambda: ("prod",))) != each]


def test_a_message_says_what_is_not_so_and_what_to_do() -> None:
    """It never asks for an approval where none is taken."""
    why = say("{code} at {node}: broken", code="node.ready", node="w1")
    blocked = words(incident_message(at(State.BLOCKED, plan(SWAP), 2, notes=(why,))))
    stuck = words(incident_message(at(State.STUCK, plan(SWAP), 2)))

    assert "The next step may not begin: Drain w1" in blocked
    assert "• node.ready at w1: broken" in blocked
    assert "Put it right, then have it looked at again." in blocked
    assert ("approved" in blocked, "approved" in stuck, "by hand" in stuck) == (False, False, True)


def test_nothing_is_told_by_a_sign_alone() -> None:
    """Every step has the word beside its sign."""
    rich = incident_message(at(State.OFFERED, plan(SWAP), 2))
    expected = ["Done", "Done", "Now", "Later", "Later", "Later", "Later", "Later"]

    assert expected == re.findall(r"^(\w[\w ]*): \d+\.", words(rich), re.MULTILINE)
    assert expected == re.findall(r"^:\w+: (\w[\w ]*): \d+\.", words(without_plans(rich)), re.MULTILINE)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.OFFERED, ["complete", "complete", "in_progress", "pending"]),
        (State.UNVERIFIED, ["complete", "complete", "error", "pending"]),
        (State.DONE, ["complete"] * 4),
    ],
)
def test_steps_are_tasks_of_a_plan(state: State, expected: list[str]) -> None:
    """Each with the state that Slack knows for it."""
    message = incident_message(at(state, plan(SWAP), 2))
    (steps,) = [block for block in message["blocks"] if block["type"] == "plan"]
    assert expected == [task["status"] for task in steps["tasks"]][:4]


def test_the_plain_form_says_the_same() -> None:
    """Of every message at every step: no newer block, and each word of the other form."""
    for name, incident in everywhere():
        message = incident_message(incident)
        plain = without_plans(message)
        assert not {"plan", "task_card"} & {block["type"] for block in plain["blocks"]}, name
        plans = [block for block in message["blocks"] if block["type"] == "plan"]
        for title in (task["title"] for steps in plans for task in steps["tasks"]):
            assert escape(title) in words(plain), name


def test_a_soak_says_how_long_it_takes() -> None:
    """Nobody wonders why nothing happens for two minutes."""
    steps = plan(SWAP).steps
    index = next(number for number, step in enumerate(steps) if step.wait_s)

    said = words(incident_message(at(State.VERIFYING, plan(SWAP), index)))
    assert "Watching for 2 min, then verifying" in said


def test_a_locked_phone_shows_the_cluster_and_whose_turn_it_is() -> None:
    """In the text beside the blocks."""
    text = incident_message(at(State.OFFERED, plan("redeploy-metallb")))["text"]

    assert "prod: :point_right: Incident 0123456789: VMXNET3 tunnel offload breaks traffic" in text
    assert "Waiting for an approval: Restart controller in metallb-system" in text


def test_a_trimmed_timeline_keeps_the_names_of_its_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was posted is known by its number, so nothing is posted twice and nothing is left out."""
    monkeypatch.setattr(incidents, "TIMELINE_KEPT", 20)
    incident = opened()
    for number in range(1, 25):
        before = dict(thread(incident))
        incident = noted(incident, float(number), Sort.ACTION, say("{number}", number=number))
        after = dict(thread(incident))
        assert {f"entry-{number}"} == set(after) - set(before)
        assert all(after[part] == view for part, view in before.items() if part in after)

    assert ([f"entry-{n}" for n in range(5, 25)], 5) == (list(after), incident.left_out)


def test_who_is_called_is_mentioned_and_who_acts_is_not() -> None:
    """A hand-over tells the new owner; what somebody did is signed with their name."""
    incident = noted(opened(), 1.0, Sort.ROLE, say("Handed over"), by=STARTER, to=OWNER)
    ((_, view),) = thread(incident)

    assert "<@U0PLATFORM> Handed over" == view["text"]
    assert "<@U0PLATFORM> Handed over\n— ada" == view["blocks"][0]["text"]["text"]


def test_the_report_in_the_thread_has_the_whole_timeline() -> None:
    """A table longer than a section is cut between its rows."""
    incident = opened()
    for number in range(1, 81):
        incident = noted(incident, float(number), Sort.ACTION, say("Event {number} & <more>", number=number))
    closed = msgspec.structs.replace(incident, state="closed")
    said = words([view for part, view in thread(closed) if part.startswith("report")])

    assert [] == [number for number in range(1, 81) if f"Event {number} &amp; &lt;more&gt;" not in said]


VERDICTS = {
    "provisional": run(state="running", report=report(*FINDINGS, diagnosis=DIAGNOSIS, awaited=("paths",))),
    "healthy": ended(report(*FINDINGS, diagnosis=verdict(HEALTHY))),
    "unknown": ended(report(*FINDINGS, diagnosis=verdict(UNKNOWN))),
    "one check": ended(report(*FINDINGS)),
    "no report": run(state="failed", error="x"),
    "cancelled": run(state="cancelled"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_without_a_settled_cause_no_fix_is_offered(name: str) -> None:
    """Whoever reads it looks on, and does nothing yet."""
    assert [] == [label for label, _ in labels(run_message(VERDICTS[name])) if label != "Cancel"]


def test_a_verdict_offers_the_least_disruptive_fix_first() -> None:
    """Then its alternative, then an incident without a fix."""
    message = run_message(ended())

    assert "" == refused(message)
    assert [
        ("Switch the tunnel offload of VMXNET3 off", "primary"),
        ("Replace VMXNET3 by e1000e", ""),
        ("Open an incident", ""),
    ] == labels(message)
    assert ["fix offload-off in prod", "fix vmxnet3-to-e1000e in prod", "incident open in prod"] == [
        asked_by(each["value"]).line for each in buttons(message)
    ]


def test_where_there_is_no_pool_one_is_offered() -> None:
    """Unless something is broken, which comes first."""
    none = Finding(
        code="metallb.pools", severity=Severity.ADVICE, text=say("There is no address pool."), outcome="none"
    )
    offered = [labels(run_message(ended(made))) for made in (report(none), report(none, diagnosis=verdict(HEALTHY)))]

    assert [[("Create an address pool", "primary")]] * 2 == offered
    assert "Create an address pool" not in words(run_message(ended(report(none, diagnosis=verdict(UNKNOWN)))))
    assert "Create an address pool" not in words(run_message(ended(report(none, *FINDINGS, diagnosis=DIAGNOSIS))))


def planned(runbook: str, **fields: Any) -> blocks.Message:
    """The message of a run that was asked for a plan of the founding incident."""
    request = msgspec.structs.replace(run().request, command="plan", plan=Wanted(runbook, **fields))
    return run_message(run(state="done", report=seen_for_a_plan(), request=request))


def test_a_plan_can_be_begun_just_as_it_is_shown() -> None:
    """With its nodes and choices."""
    message = planned(SWAP, nodes=("w1",), choices={"soak_s": 30})

    assert [("Begin", "primary")] == labels(message)
    assert Asked(command="fix", subject=SWAP, parameters={"soak_s": 30}, nodes=("w1",), cluster="prod") == asked_by(
        buttons(message)[0]["value"]
    )


def test_a_refused_plan_cannot_be_begun() -> None:
    """It says why not and offers nothing."""
    message = planned("create-pool")

    assert ([], True) == (labels(message), "Which addresses?" in words(message))


def test_a_plan_too_large_for_a_button_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """A button that is missing without a word would look like a refusal."""
    monkeypatch.setattr(acting, "VALUE_CHARACTERS", 40)
    message = planned(SWAP, nodes=("w1",))

    assert ("", []) == (refused(message), labels(message))
    assert "Begin it with:\n```\n/netcheck fix vmxnet3-to-e1000e on w1 in prod\n```" in words(message)


def test_a_long_message_of_a_run_keeps_its_buttons() -> None:
    """Room is kept for them within Slack's limits."""
    many = tuple(msgspec.structs.replace(each, code=f"{each.code}{n}") for n in range(60) for each in FINDINGS)
    message = run_message(ended(Report(severity=Severity.FAILED, findings=many, diagnosis=DIAGNOSIS, elapsed_s=1.0)))

    assert ("", 3) == (refused(message), len(labels(message)))


def test_the_status_is_told_alike_everywhere() -> None:
    """The command line shows the same outline."""
    assert "Waiting for an approval" in str(outline(at(State.OFFERED, plan("redeploy-metallb"))))
