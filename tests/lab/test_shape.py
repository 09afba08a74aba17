"""What may be chosen of a lab, and what is refused before anything is started."""

import pytest

from tests.accuracy.catalogue import SHAPES
from tests.lab.__main__ import parser, shape_of
from tests.lab.layout import LabError, Shape


@pytest.mark.parametrize("name", SHAPES)
def test_the_command_line_chooses_it(name: str) -> None:
    """The words that a campaign starts a lab with choose just that lab."""
    assert SHAPES[name] == shape_of(parser().parse_args(["up", *SHAPES[name].options]))


def test_nodes_are_counted() -> None:
    """By number alone they are called as usual."""
    assert ("cp", "w1", "w2", "w3") == shape_of(parser().parse_args(["up", "--nodes", "4"])).names


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Shape(names=()), "0 nodes"),
        (Shape(names=tuple(f"w{n}" for n in range(10))), "10 nodes"),
        (Shape(names=("cp", "w1", "cp")), "two nodes of one name"),
        (Shape(names=("cp", "W1")), "'W1' cannot be a name"),
        (Shape(names=("cp", "a" * 61)), "cannot be a name"),
        (Shape(names=("cp", "../etc")), "cannot be a name"),
        (Shape(names=("cp", "underlay")), "'underlay' cannot be a name"),
        (Shape(metallb="metal.lb"), "a namespace's name has no dot"),
        (Shape(vxlan_port=53), "port 53"),
        (Shape(flanneld="udp"), "one of vxlan, host-gw"),
        (Shape(flanneld="vxlan", dual_stack=True), "IPv4 alone"),
    ],
)
def test_what_no_lab_can_be_is_refused(chosen: Shape, said: str) -> None:
    """The message says what would be right."""
    with pytest.raises(LabError) as refused:
        chosen.check()
    assert said in str(refused.value)


def test_coredns_has_a_replica_for_each_node_that_takes_it() -> None:
    """Two at most, and one where the control plane is alone."""
    assert {1: 1, 2: 1, 3: 2, 5: 2} == {
        count: Shape(names=tuple(f"n{number}" for number in range(count))).coredns_replicas for count in (1, 2, 3, 5)
    }
