"""The grammar of `/netcheck` and of the command line."""

import msgspec
import pytest

from bot.commands.grammar import TEXT_LIMIT, AmbiguousCluster, Asked, Line, choose_cluster, known_nodes
from bot.commands.registry import COMMANDS, understand
from bot.errors import UsageError

CLUSTERS = ("lab", "prod")

UNDERSTOOD = {
    "": Asked(command="help"),
    "help": Asked(command="help"),
    "help dns": Asked(command="help", subject="dns"),
    "HELP DNS": Asked(command="help", subject="dns"),
    "/netcheck help": Asked(command="help"),
    "netcheck status": Asked(command="status"),
    "checks": Asked(command="checks"),
    "status": Asked(command="status"),
    "status in prod": Asked(command="status", cluster="prod"),
    "cancel 7f3a": Asked(command="cancel", subject="7f3a"),
    "cancel 7f3a in prod": Asked(command="cancel", subject="7f3a", cluster="prod"),
    "cancel in prod 7f3a": Asked(command="cancel", subject="7f3a", cluster="prod"),
    "diagnose": Asked(command="diagnose"),
    "diagnose in prod": Asked(command="diagnose", cluster="prod"),
    "diagnose in prod: it hangs": Asked(command="diagnose", cluster="prod", subject="it hangs"),
    "diagnose it hangs in prod": Asked(command="diagnose", cluster="prod", subject="it hangs"),
    # "in" of an error text names no cluster.
    "diagnose error in webhook": Asked(command="diagnose", subject="error in webhook"),
    'diagnose "in prod, on w1"': Asked(command="diagnose", subject='"in prod, on w1"'),
    "diagnose\nfailed calling webhook\ntimeout": Asked(command="diagnose", subject="failed calling webhook\ntimeout"),
    "diagnose “failed calling webhook”": Asked(command="diagnose", subject='"failed calling webhook"'),
    "diagnose it's \"broken": Asked(command="diagnose", subject="it's \"broken"),
    "diagnose dial tcp &lt;nil&gt; &amp; more": Asked(command="diagnose", subject="dial tcp <nil> & more"),
    "diagnose Post <https://w.ns.svc:443/v?timeout=10s>: EOF": Asked(
        command="diagnose", subject="Post https://w.ns.svc:443/v?timeout=10s: EOF"
    ),
    "diagnose ```x509: unknown authority```": Asked(command="diagnose", subject="```x509: unknown authority"),
    "run nic": Asked(command="run", subject="nic"),
    "run “nic”": Asked(command="run", subject="nic"),
    "run nic on w1": Asked(command="run", subject="nic", nodes=("w1",)),
    "run nic on w1 w2 in lab": Asked(command="run", subject="nic", nodes=("w1", "w2"), cluster="lab"),
    "run nic in lab on w1": Asked(command="run", subject="nic", nodes=("w1",), cluster="lab"),
    "run nic on w1,w2": Asked(command="run", subject="nic", nodes=("w1", "w2")),
    "run nic window_s=2": Asked(command="run", subject="nic", parameters={"window_s": 2.0}),
    "run nic on w1 window_s=2": Asked(command="run", subject="nic", parameters={"window_s": 2.0}, nodes=("w1",)),
    "run nic on all": Asked(command="run", subject="nic"),
    'run texts error="failed calling webhook: EOF" on w1': Asked(
        command="run", subject="texts", parameters={"error": "failed calling webhook: EOF"}, nodes=("w1",)
    ),
    r'run texts error="failed calling webhook \"x\": EOF"': Asked(
        command="run", subject="texts", parameters={"error": 'failed calling webhook "x": EOF'}
    ),
    "run texts error=“failed calling webhook \\“x\\”: EOF”": Asked(
        command="run", subject="texts", parameters={"error": 'failed calling webhook "x": EOF'}
    ),
    "run texts error='failed calling webhook \"x\": EOF'": Asked(
        command="run", subject="texts", parameters={"error": 'failed calling webhook "x": EOF'}
    ),
}


def understood(line: str) -> Asked:
    """What a line asks for, where there are two clusters."""
    return understand(Line.typed(line, lambda: CLUSTERS))


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_a_line_is_understood(line: str) -> None:
    """What people type, and what they paste, becomes what they mean."""
    assert UNDERSTOOD[line] == understood(line)


@pytest.mark.parametrize("asked", UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_what_was_asked_for_can_be_said_again(asked: Asked) -> None:
    """The words that an answer suggests, and that the audit record keeps, ask for just the same."""
    assert asked == understood(asked.line)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "texts", "error=a “b” c"], Asked(command="run", subject="texts", parameters={"error": 'a "b" c'})),
        (["diagnose", "in", "prod", "it", "hangs"], Asked(command="diagnose", cluster="prod", subject="it hangs")),
        (["diagnose", "in prod it hangs"], Asked(command="diagnose", subject="in prod it hangs")),
        ([], Asked(command="help")),
    ],
)
def test_a_shell_has_split_the_words_already(words: list[str], expected: Asked) -> None:
    """A word of the command line stays one word, whatever is in it."""
    assert expected == understand(Line.split(words, lambda: CLUSTERS))


MISTAKES = {
    "diagnoze": ("There is no command 'diagnoze'. Did you mean this?", "diagnose"),
    "xyzzy": ("There is no command 'xyzzy'. These there are:", "help"),
    "Error from server: context deadline exceeded": (
        "There is no command 'error'. An error text goes after the word diagnose:",
        "help diagnose",
    ),
    "diagnose in prd it hangs": (
        "There is no cluster 'prd'. An error text that is written so goes into quotes. Did you mean this?",
        "diagnose in prod it hangs",
    ),
    "diagnose it hangs in prdo": (
        "There is no cluster 'prdo'. An error text that is written so goes into quotes. Did you mean this?",
        "diagnose in prod it hangs",
    ),
    "diagnose in mars it hangs": (
        "There is no cluster 'mars'. An error text that is written so goes into quotes. Choose one of lab, prod.",
        "",
    ),
    "diagnose in": ("After in comes one cluster.", "help diagnose"),
    "diagnose on w1": ("diagnose looks at every node, so nothing comes after on.", "run paths on w1"),
    "diagnose dns": ("dns is a check and no error text. To run it alone:", "run dns"),
    "diagnose prod": ("prod is a cluster and no error text. Did you mean this?", "diagnose in prod"),
    "diagnose --json": ("'--json' is not understood here.", "help diagnose"),
    "run": ("Which check? One of apiserver, ", "run dns on all"),
    "run ni": ("There is no check 'ni'. Did you mean this?", "run nic"),
    "run dsn on w1": ("There is no check 'dsn'. Did you mean this?", "run dns on w1"),
    "run on w1 nic": ("Which check?", "run dns on all"),
    "run nic windows=2": ("nic has no parameter 'windows'. Did you mean window_s?", "help nic"),
    "run nic window_s=much": (
        "window_s of nic cannot be 'much': it takes a number from 0 to 5. Seconds for which error counters are",
        "help nic",
    ),
    "run dns rate_qps=1": ("rate_qps of dns cannot be '1': it takes a whole number from 50 to 5000.", "help dns"),
    "run webhook namespace=A_B": (
        "namespace of webhook cannot be 'A_B': it takes text of a certain form, at most 63 characters. The",
        "help webhook",
    ),
    "run nic fast": ("'fast' is not understood here. Parameters are written key=value, nodes after on:", "help run"),
    "run nic on": ("After on come nodes, or all.", "status"),
    "run nic in": ("After in comes one cluster.", "help run"),
    "run nic in lab in prod": ("After in comes one cluster.", "help run"),
    "run nic --json": ("'--json' is not understood here.", "help run"),
    'run texts error="EOF': ("A quote is opened and not closed.", "help run"),
    "status now": ("'now' is not understood here.", "help status"),
    "status on w1": ("'w1' is not understood here.", "help status"),
    "status x=1": ("'x' is not understood here.", "help status"),
    "cancel": ("Which run?", "status"),
    "help me": ("There is no help on 'me'. Choose one of diagnose, ", ""),
    "help dsn": ("There is no help on 'dsn'. Did you mean this?", "help dns"),
    "run nic on " + "n" * 300: ("That is too long for a node's name.", "status"),
    "diagnose " + "x" * 10_001: (
        "The text has 10010 characters; 10000 are looked at. Paste the line with the error alone.",
        "",
    ),
}


@pytest.mark.parametrize("line", MISTAKES, ids=lambda line: line[:30])
def test_a_mistake_is_answered_with_what_to_do(line: str) -> None:
    """Every mistake says what is wrong and names the nearest right thing, with a command that is understood."""
    said, command = MISTAKES[line]

    with pytest.raises(UsageError) as caught:
        understood(line)

    assert (True, command) == (caught.value.reason.startswith(said), caught.value.command)
    assert "`" not in caught.value.reason
    if command:
        assert understood(command).command in COMMANDS


def test_a_long_error_text_is_taken_whole() -> None:
    """Ten thousand characters fit."""
    text = "x" * (TEXT_LIMIT - len("diagnose "))

    assert text == understood(f"diagnose {text}").subject


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
    assert expected == choose_cluster(Asked(command="status", cluster=named), known, default)


@pytest.mark.parametrize(
    ("asked", "command"),
    [
        (Asked(command="diagnose"), "diagnose in lab"),
        (Asked(command="diagnose", subject="it hangs"), "diagnose in lab it hangs"),
        (Asked(command="diagnose", subject="it hangs " * 200), "diagnose in lab"),
        (Asked(command="run", subject="nic", nodes=("w1",)), "run nic on w1 in lab"),
    ],
)
def test_several_clusters_are_a_question(asked: Asked, command: str) -> None:
    """Guessing a cluster would be worse than asking; the command that is suggested is understood."""
    with pytest.raises(AmbiguousCluster) as caught:
        choose_cluster(asked, CLUSTERS)

    assert (CLUSTERS, command) == (caught.value.choices, caught.value.command)
    assert "lab" == understood(command).cluster


@pytest.mark.parametrize(
    ("named", "known", "words", "command"),
    [
        ("prd", CLUSTERS, "There is no cluster 'prd'. Did you mean this?", "status in prod"),
        ("mars", ("prod",), "There is no cluster 'mars'. The only one is prod.", ""),
        ("mars", CLUSTERS, "There is no cluster 'mars'. Choose one of lab, prod.", ""),
        ("", (), "No cluster has a worker. Start the worker in the cluster", ""),
    ],
)
def test_an_unknown_cluster_is_a_mistake(named: str, known: tuple[str, ...], words: str, command: str) -> None:
    """A wrong name is answered with the nearest right one."""
    with pytest.raises(UsageError) as caught:
        choose_cluster(Asked(command="status", cluster=named), known)

    assert (True, command) == (caught.value.reason.startswith(words), caught.value.command)


def test_an_unknown_node_is_a_mistake() -> None:
    """A wrong node is answered with the nearest right one, in the command as it was given."""
    asked = Asked(command="run", subject="nic", nodes=("cp", "wl"), parameters={"window_s": 2.0})

    with pytest.raises(UsageError) as caught:
        known_nodes(asked, ("cp", "w1"))

    expected = msgspec.structs.replace(asked, nodes=("cp", "w1"))
    assert "There is no node 'wl'. Did you mean this?" == caught.value.reason
    assert expected == understood(caught.value.command)
