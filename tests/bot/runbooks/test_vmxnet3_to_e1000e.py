"""Which nodes the exchange of adapters takes."""

import dataclasses

from bot.runbooks.model import Plan
from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.situation import Situation
from tests.bot.runbooks.situations import incident


def planned(situation: Situation) -> Plan:
    """The plan for it."""
    return RUNBOOKS["vmxnet3-to-e1000e"].plan(situation)


def words(plan: Plan) -> list[str]:
    """What is to be known before it is begun."""
    return [text.template for text in plan.warnings]


def test_without_a_word_the_accused_nodes_are_taken() -> None:
    """The only control-plane node does no harm, so it need not go down; that others are left out is said."""
    plan = planned(incident())

    assert (("w1",), ()) == (plan.nodes, plan.refusals)
    assert words(plan)[0].startswith("This is for the nodes at which the diagnosis sees the cause.")


def test_named_nodes_are_taken_as_they_were_named() -> None:
    """Whoever names nodes has chosen."""
    plan = planned(incident("w2", "w1"))

    assert ({"w1", "w2"}, []) == (set(plan.nodes), [text for text in words(plan) if text.startswith("This is for")])


def test_where_nothing_is_accused_all_are_taken() -> None:
    """Workers first; the consent to an outage is asked for as ever."""
    without = dataclasses.replace(incident(api_outage=True), diagnosis=None)

    assert ("w1", "w2", "cp") == planned(without).nodes
    assert () != planned(dataclasses.replace(incident(), diagnosis=None)).refusals
