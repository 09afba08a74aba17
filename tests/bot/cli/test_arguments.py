"""What a shell adds to the words: options anywhere, and roles."""

from typing import Any

import pytest

from bot.cli.arguments import parse
from bot.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {"role": "", "words": []}),
        (["--json", "run", "nic"], {"role": "", "words": ["run", "nic"], "json": True}),
        (["run", "nic", "--json", "on", "w1"], {"words": ["run", "nic", "on", "w1"], "json": True}),
        (["run", "nic", "--save", "f", "on", "w1"], {"words": ["run", "nic", "on", "w1"], "save": "f"}),
        (["diagnose", "--plot", "f.PNG", "EOF"], {"words": ["diagnose", "EOF"], "plot": "f.PNG"}),
        (["incident", "show", "7f", "--plot", "f.png"], {"words": ["incident", "show", "7f"], "plot": "f.png"}),
        (["diagnose", "--", "--flag is not known"], {"words": ["diagnose", "--flag is not known"]}),
        (["diagnose", "exit", "-1"], {"words": ["diagnose", "exit", "-1"]}),
        (["run", "nic", "--help"], {"words": ["help", "run"]}),
        (["diagnose", "worker", "died"], {"role": "", "words": ["diagnose", "worker", "died"]}),
        (["--verbose", "bot"], {"role": "bot", "verbose": True}),
        (["bot", "--verbose"], {"role": "bot", "verbose": True}),
        (["agent", "--network", "host"], {"role": "agent", "network": "host", "sysfs": "/sys", "verbose": False}),
        (["playground", "--port", "0", "--live"], {"role": "playground", "port": 0, "live": True}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_stand_anywhere(arguments: list[str], expected: dict[str, Any]) -> None:
    """Words keep their order, whatever stands between them."""
    options = vars(parse(arguments))

    assert expected == {name: options[name] for name in expected}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nic", "--jsno"], "There is no option '--jsno'. Did you mean --json?"),
        (
            ["run", "nic", "--colour=red"],
            "There is no option '--colour'. An error text that begins so",
        ),
        (["status", "--save", "f"], "--save keeps what a run saw, and this command starts none."),
        (
            ["status", "--plot", "f.png"],
            "--plot draws what a run measured, its history, or an incident. For example:",
        ),
        (
            ["incident", "list", "--plot", "f.png"],
            "--plot draws what a run measured, its history, or an incident.",
        ),
        (
            ["run", "paths", "--plot", "f.svg"],
            "--plot writes PNG, and 'f.svg' does not end in .png. Give it another name",
        ),
        (["run", "nic", "--save"], "Argument --save: expected one argument. The options are listed: `netcheck --help`"),
        (["worekr"], "There is no command 'worekr'. Did you mean this? `netcheck worker`"),
        (["agent", "--network", "moon"], "Argument --network: invalid choice: 'moon'"),
        (["playground", "--live", "--kubeconfig"], "Argument --kubeconfig: not allowed with argument --live."),
        (["bot", "now"], "Unrecognized arguments: now. The options are listed: `netcheck --help`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_that_does_not_fit_is_a_mistake(arguments: list[str], said: str) -> None:
    """It is answered in a sentence with the nearest right one, never with a page of usage."""
    with pytest.raises(UsageError) as caught:
        parse(arguments)

    assert caught.value.text.startswith(said)
