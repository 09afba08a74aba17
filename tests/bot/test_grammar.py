"""The grammar of `/netcheck` and of the command line."""

import pytest

from bot import grammar
from bot.errors import UsageError
from bot.grammar import AmbiguousCluster, Asked

CLUSTERS = ("lab", "prod")

UNDERSTOOD = {
    "": Asked(command="help"),
    "help": Asked(command="help"),
    "help dns": Asked(command="help", topic="dns"),
    "HELP DNS": Asked(command="help", topic="dns"),
    "checks": Asked(command="checks"),
    "status": Asked(command="status"),
    "status in prod": Asked(command="status", cluster="prod"),
    "cancel 7f3a": Asked(command="cancel", run="7f3a"),
    "cancel 7f3a in prod": Asked(command="cancel", run="7f3a", cluster="prod"),
    "diagnose": Asked(command="diagnose"),
    "diagnose in prod": Asked(command="diagnose", cluster="prod"),
    "diagnose in prod: it hangs": Asked(command="diagnose", cluster="prod", error="it hangs"),
    "diagnose it hangs in prod": Asked(command="diagnose", cluster="prod", error="it hangs"),
    # "in" of an error text names no cluster.
    "diagnose error in webhook": Asked(command="diagnose", error="error in webhook"),
    "diagnose\nfailed calling webhook\ntimeout": Asked(command="diagnose", error="failed calling webhook\ntimeout"),
    "diagnose “failed calling webhook”": Asked(command="diagnose", error='"failed calling webhook"'),
    "diagnose dial tcp &lt;nil&gt; &amp; more": Asked(command="diagnose", error="dial tcp <nil> & more"),
    "diagnose Post <https://w.ns.svc:443/v?timeout=10s>: EOF": Asked(
        command="diagnose", error="Post https://w.ns.svc:443/v?timeout=10s: EOF"
    ),
    "diagnose ```x509: unknown authority```": Asked(command="diagnose", error="```x509: unknown authority"),
    "run nic": Asked(command="run", check="nic"),
    "run nic on w1": Asked(command="run", check="nic", nodes=("w1",)),
    "run nic on w1 w2 in lab": Asked(command="run", check="nic", nodes=("w1", "w2"), cluster="lab"),
    "run nic on w1,w2": Asked(command="run", check="nic", nodes=("w1", "w2")),
    "run nic window_s=2": Asked(command="run", check="nic", parameters={"window_s": 2.0}),
    "run nic on all": Asked(command="run", check="nic"),
}


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_a_line_is_understood(line: str) -> None:
    """What people type, and what they paste, becomes what they mean."""
    assert UNDERSTOOD[line] == grammar.parse(line, CLUSTERS)


MISTAKES = {
    "diagnoze": "There is no command 'diagnoze'. Did you mean `diagnose`?",
    "xyzzy": "There is no command 'xyzzy'. Try `help`.",
    "run": "Which check? One of ",
    "run dsn": "There is no check 'dsn'. Did you mean `dns`?",
    "run nic windows=2": "nic has no parameter 'windows'. Did you mean `window_s`?",
    "run nic window_s=much": "nic: window_s must be a number. `help nic` lists the parameters.",
    "run dns timeout_s=-1": "dns: timeout_s must be a number >= 0.1. `help dns` lists the parameters.",
    "run nic fast": "'fast' is not understood here. Parameters are written key=value, nodes after `on`",
    "run nic on": "After `on` come nodes, or `all`.",
    "run nic in": "After `in` comes one cluster",
    "status now": "'now' is not understood here. Write `status [in CLUSTER]`.",
    "cancel": "Which run?",
    "help me": "There is no help on 'me'.",
    "run nic on " + "n" * 300: "That is too long for a node's name.",
    "diagnose "
    + "x" * 10_001: "The text has 10010 characters; 10000 are looked at. Paste the line with the error alone.",
}


@pytest.mark.parametrize("line", MISTAKES, ids=lambda line: line[:20])
def test_a_mistake_is_answered_with_what_to_do(line: str) -> None:
    """Every mistake says what is wrong and names the nearest right thing."""
    with pytest.raises(UsageError) as caught:
        grammar.parse(line, CLUSTERS)

    assert caught.value.text.startswith(MISTAKES[line])


def test_a_long_error_text_is_taken_whole() -> None:
    """Ten thousand characters fit."""
    text = "x" * (grammar.TEXT_LIMIT - len("diagnose "))

    assert text == grammar.parse(f"diagnose {text}", CLUSTERS).error


@pytest.mark.parametrize(
    ("named", "known", "default", "expected"),
    [
        ("", ("lab",), "", "lab"),
        ("prod", CLUSTERS, "", "prod"),
        ("", CLUSTERS, "lab", "lab"),
        ("", ("lab",), "x", "lab"),
    ],
)
def test_the_cluster_is_the_named_the_default_or_the_only_one(
    named: str, known: tuple[str, ...], default: str, expected: str
) -> None:
    """Nobody has to name the only cluster there is."""
    assert expected == grammar.choose_cluster(Asked(command="status", cluster=named), known, default)


def test_several_clusters_are_a_question() -> None:
    """Guessing a cluster would be worse than asking."""
    with pytest.raises(AmbiguousCluster) as caught:
        grammar.choose_cluster(Asked(command="diagnose"), CLUSTERS)

    assert CLUSTERS == caught.value.choices


@pytest.mark.parametrize(
    ("named", "known", "words"),
    [
        ("prd", CLUSTERS, "There is no cluster 'prd'. Did you mean `prod`?"),
        ("mars", ("prod",), "There is no cluster 'mars'. The only one is `prod`."),
        ("mars", CLUSTERS, "There is no cluster 'mars'. Choose one of `lab`, `prod`."),
        ("", (), "No cluster has a worker. Start `netcheck worker` in the cluster"),
    ],
)
def test_an_unknown_cluster_is_a_mistake(named: str, known: tuple[str, ...], words: str) -> None:
    """A wrong name is answered with the nearest right one."""
    with pytest.raises(UsageError) as caught:
        grammar.choose_cluster(Asked(command="status", cluster=named), known)

    assert caught.value.text.startswith(words)


def test_an_unknown_node_is_a_mistake() -> None:
    """A wrong node is answered with the nearest right one."""
    with pytest.raises(UsageError) as caught:
        grammar.known_nodes(Asked(command="run", check="nic", nodes=("wl",)), ("cp", "w1"))

    assert "There is no node 'wl'. Did you mean `w1`?" == caught.value.text
