"""One walk through a plan: pure, and driven at random by hypothesis."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.access.requester import Requester, same_person
from bot.errors import NetcheckError
from bot.incidents.decisions import DECISIONS, Said, decided
from bot.incidents.model import Incident, Sort
from bot.incidents.waiting import waits
from bot.runbooks.execution import DONE, UNDONE, Execution, NotNow, advance, approve, paused, planned
from bot.runbooks.machine import ENDED, TRANSITIONS, UNDER_WAY, Event, State
from bot.runbooks.model import Approval, Hand, Plan
from bot.runbooks.registry import RUNBOOKS
from checks.text import say
from tests.bot.runbooks.situations import ALL_VERBS, incident

STARTER, OTHER = Requester("ada", "U1", "T1"), Requester("grace", "U2", "T1")
SWAP = RUNBOOKS["vmxnet3-to-e1000e"].plan(incident("cp", "w1", "w2", verbs=ALL_VERBS, api_outage=True))
BY_HAND = RUNBOOKS["vmxnet3-to-e1000e"].plan(incident("w1"))


def execution(plan: Plan | None = SWAP, **changes: Any) -> Execution:
    """One that has its plan and looks at the first step."""
    begun = Execution(id="i-1", runbook="vmxnet3-to-e1000e", by=STARTER, since=0.0, **changes)
    return planned(begun, plan, 1.0) if plan else begun


def at_step(name: str, plan: Plan = SWAP) -> Execution:
    """One that looks whether this step may begin."""
    number = next(number for number, step in enumerate(plan.steps) if step.name == name)
    return msgspec.structs.replace(execution(plan), index=number)


def after(start: Execution, *events: Event) -> Execution:
    """What comes of these events, one after the other."""
    for number, event in enumerate(events, 2):
        start = advance(start, event, float(number))
    return start


def test_every_state_is_reached_and_can_be_left_or_has_ended() -> None:
    """There is no dead end in the table, and nothing in it that never happens."""
    reached = {State.PLANNING, *(target for row in TRANSITIONS.values() for target in row.values())}
    assert set(State) == reached
    assert set(State) - ENDED == set(TRANSITIONS)


def test_nobody_is_stopped_while_something_is_changed() -> None:
    """Where the operator acts, only what it came to leads on."""
    assert {Event.ACTED, Event.FAILED, Event.LOST} == {e for state in UNDER_WAY for e in TRANSITIONS[state]}


def test_a_plan_that_is_refused_has_ended() -> None:
    """With the reasons."""
    refused = planned(execution(None), Plan(runbook="x", title=say("x"), refusals=(say("no"),)), 1.0)
    assert (State.REFUSED, (say("no"),)) == (refused.state, refused.notes)


def test_an_operation_whose_end_nobody_knows_is_verified() -> None:
    """Never done again by itself."""
    acting = approve(after(at_step("cordon"), Event.HOLDS), OTHER, "", 3.0)
    assert (State.ACTING, State.VERIFYING) == (acting.state, after(acting, Event.LOST).state)


def test_one_approval_is_for_a_whole_node_as_it_was_shown() -> None:
    """It covers the following steps of the unit, and none of a unit that is another one or has been changed."""
    approved = approve(after(at_step("cordon"), Event.HOLDS), OTHER, "C1", 3.0)
    assert approved.step is not None
    assert approved.plan is not None
    drain = after(approved, Event.ACTED, Event.HOLDS, Event.HOLDS)
    assert ("drain", OTHER) == (drain.step and drain.step.name, drain.approved and drain.approved.by)

    steps = [
        msgspec.structs.replace(s, title=say("another")) if s.name == "exchange" else s for s in approved.plan.steps
    ]
    changed = msgspec.structs.replace(drain, plan=msgspec.structs.replace(approved.plan, steps=tuple(steps)))
    assert changed.approved is None
    other_unit = next(number for number, step in enumerate(approved.plan.steps) if step.unit not in ("", "w1"))
    assert msgspec.structs.replace(drain, index=other_unit).approved is None


def test_the_way_back_undoes_the_unit_from_its_end() -> None:
    """A node that is not right after the exchange: the former adapter, then uncordon."""
    names = [step.name for step in SWAP.unit("w1")]
    assert ["cordon", "drain", "exchange", "verify", "uncordon", "soak"] == names
    at = approve(after(at_step("cordon"), Event.HOLDS), OTHER, "", 3.0)
    for _ in range(names.index("exchange")):
        at = after(at, Event.ACTED, Event.HOLDS, Event.HOLDS, Event.GO)
    failed = after(at, Event.ACTED, Event.FAILS, Event.BACK)

    undone = []
    while failed.state is State.UNDO_OFFERED:
        assert failed.step is not None
        assert failed.step.undo is not None
        undone.append(failed.step.name)
        failed = after(failed, Event.GO, Event.ACTED, Event.HOLDS)
    assert ["exchange", "cordon"] == undone
    assert State.UNDONE == failed.state


def test_a_persons_step_that_is_not_verified_stays() -> None:
    """They may say once more that they have done it; nothing goes on before it is seen."""
    begun = at_step("cordon", BY_HAND)
    claimed = after(begun, Event.HOLDS, Event.CLAIMED, Event.FAILS)
    assert (State.UNVERIFIED, begun.index) == (claimed.state, claimed.index)
    again = after(claimed, Event.CLAIMED, Event.HOLDS)
    assert (State.CHECKING, begun.index + 1) == (again.state, again.index)


def test_what_is_asked_for_has_an_id_of_the_state() -> None:
    """So whoever asks again asks for the same; another state or another look asks for another thing."""
    one = execution()
    assert one.asked("look") == execution().asked("look")
    assert len({one.asked("look"), one.asked("do"), after(one, Event.HOLDS).asked("look")}) == 3


def test_a_soak_looks_after_its_time() -> None:
    """The patience begins after the wait."""
    soak = next(number for number, step in enumerate(SWAP.steps) if step.name == "soak")
    at = msgspec.structs.replace(execution(), state=State.OFFERED, index=soak)
    assert 100.0 + SWAP.steps[soak].wait_s + SWAP.steps[soak].patience_s == advance(at, Event.CLAIMED, 100.0).until


def test_an_event_that_leads_nowhere_changes_nothing() -> None:
    """It is refused."""
    with pytest.raises(NotNow):
        advance(execution(), Event.ACTED, 2.0)


class Walk(RuleBasedStateMachine):
    """People say anything at any time, what is looked for may hold or not, the operator may do, fail or be lost."""

    @initialize(plan=st.sampled_from([SWAP, BY_HAND]))
    def begin(self, plan: Plan) -> None:
        """One incident with one plan."""
        self.incident = Incident(
            id="i", cluster="c", about="x", title=say("x"), opened_by=STARTER, opened_at=0.0, execution=execution(plan)
        )
        self.now = 1.0
        self.acted: list[tuple[int, bool, int]] = []

    @property
    def execution(self) -> Execution:
        """As it stands."""
        assert self.incident.execution is not None
        return self.incident.execution

    def _move(self, event: Event) -> None:
        self.now += 1.0
        with contextlib.suppress(NotNow):
            self.incident = msgspec.structs.replace(
                self.incident, execution=advance(self.execution, event, self.now, notes=())
            )

    @rule(word=st.sampled_from(sorted(DECISIONS)), by=st.sampled_from([STARTER, OTHER]), stale=st.integers(0, 3))
    def says(self, word: str, by: Requester, stale: int) -> None:
        """A click, on the message as it is or as it was."""
        before, self.now = self.incident, self.now + 1.0
        seen = max(0, self.execution.revision - stale) if stale else 0
        with contextlib.suppress(NetcheckError):
            self.incident = decided(before, Said(word, by, plan=self.execution.number, revision=seen), self.now)
            assert seen in (0, before.execution.revision if before.execution else 0)

    @rule(holds=st.booleans())
    def looks(self, holds: bool) -> None:  # noqa: FBT001 - hypothesis calls it by keyword
        """A check has ended."""
        if self.execution.state in (State.CHECKING, State.VERIFYING, State.UNDO_VERIFYING):
            self._move(Event.HOLDS if holds else Event.FAILS)

    @precondition(lambda self: self.execution.state is State.OFFERED and not waits(self.execution))
    @rule()
    def goes_on(self) -> None:
        """Where nobody has to be asked."""
        step = self.execution.step
        assert step is not None
        self._move(Event.GO if step.hand is Hand.OPERATOR else Event.CLAIMED)

    @precondition(lambda self: self.execution.state in UNDER_WAY)
    @rule(event=st.sampled_from([Event.ACTED, Event.FAILED, Event.LOST]))
    def operates(self, event: Event) -> None:
        """The operator has ended, one way or another."""
        self.acted.append((self.execution.index, self.execution.backwards, self.execution.revision))
        self._move(event)

    @invariant()
    def acts_on_an_approval_alone(self) -> None:
        """Of somebody who may give it, for just what is in the plan."""
        if self.execution.state in UNDER_WAY:
            assert self.execution.operation is not None
            assert self.execution.approved is not None
            if self.execution.needs is Approval.SECOND:
                assert not same_person(self.execution.approved.by, STARTER)

    @invariant()
    def one_node_at_a_time(self) -> None:
        """No unit is begun while another one is neither done nor rolled back."""
        plan, outcomes = self.execution.plan, self.execution.outcomes
        assert plan is not None
        units = {step.unit for number, step in enumerate(plan.steps) if step.unit and outcomes.get(number) == DONE}
        for unit in units - {self.execution.step.unit if self.execution.step else ""}:
            left = [
                n for n, step in enumerate(plan.steps) if step.unit == unit and outcomes.get(n) not in (DONE, UNDONE)
            ]
            assert self.execution.ended or left == [] or min(left) > self.execution.index

    @invariant()
    def nothing_is_done_twice_in_one_state(self) -> None:
        """Every operation has its own revision."""
        assert len(set(self.acted)) == len(self.acted)

    @invariant()
    def it_can_be_left_or_calls_a_person(self) -> None:
        """Whatever state it is in."""
        assert self.execution.ended or TRANSITIONS[self.execution.state]
        if self.execution.state is State.STUCK:
            assert waits(self.execution)

    @invariant()
    def steps_are_taken_in_their_order(self) -> None:
        """What is done lies before where it is, unless it is on its way back."""
        if not self.execution.backwards and not self.execution.ended:
            assert all(n <= self.execution.index for n, word in self.execution.outcomes.items() if word == DONE)

    @invariant()
    def an_approval_is_in_the_timeline(self) -> None:
        """With who gave it."""
        approvals = {entry.by.user for entry in self.incident.timeline if entry.sort is Sort.APPROVAL}
        assert {word.by.user for word in self.execution.approvals.values()} <= approvals


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)


def test_paused_goes_no_further_by_itself() -> None:
    """Until somebody resumes it."""
    looked = after(at_step("cordon", BY_HAND), Event.HOLDS)
    assert [True, True] == [waits(looked), waits(paused(looked, paused=True))]
    verify = next(number for number, step in enumerate(BY_HAND.steps) if step.name == "verify")
    at = msgspec.structs.replace(looked, index=verify)
    assert [False, True] == [waits(at), waits(paused(at, paused=True))]
