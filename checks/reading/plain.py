"""A pasted text as its program wrote it, and where in it one message ends and the next begins."""

import html
import re
from collections.abc import Iterator

_SLACK_LINK = re.compile(r"<((?:https?|mailto)[^|<>\s]+)(?:\|[^<>]*)?>")
_COLOUR = re.compile(r"\x1b?\[\d{1,2}(?:;\d{1,3})*m")
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_LINE_BREAK = re.compile(r"\\+[nrt]")
"""As JSON writes one inside a string."""
_QUOTES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″❝❞", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001 - the look-alikes are what is looked for
        **dict.fromkeys("–—‑−", "-"),  # noqa: RUF001 - the look-alikes are what is looked for
        "…": "...",
        "\N{ZERO WIDTH SPACE}": None,
        "\N{ZERO WIDTH NO-BREAK SPACE}": None,
        "\N{SOFT HYPHEN}": None,
        "\\": None,
    }
)
"""Back to ASCII. Backslashes go: logs escape quotes with them."""
_BEGINS = re.compile(
    r"""^(?:
      [IWEF]\d{4}\ \d\d:\d\d                                        # klog
    | \[?\d{4}[-/]\d\d[-/]\d\d[T\ ]\d\d:\d\d                        # ISO 8601, Go's log, nginx
    | \[?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\ +\d+\ \d\d:\d\d   # syslog, journald
    | \[\ *\d+\.\d+\]                                               # dmesg
    | \[(?:mon|tue|wed|thu|fri|sat|sun)\ \w{3}\ +\d+                # dmesg -T
    | (?:time|level|ts|caller|t|lvl)=\S                             # logfmt
    | \[(?:info|warn|warning|error|fatal|debug)\]                   # CoreDNS and others
    | (?-i:INFO|WARN|WARNING|ERROR|FATAL|DEBUG)[:\ ]
    | (?:warning|normal)\ +[A-Z]\w+\ +                              # events
    | \d+(?:m|s|h)\d*\w*\ +(?:\(x\d+\ over\ \S+\)\ +)?(?:warning|normal)\b   # kubectl get events
    | \$\ |>\ |\#\ |\*\ |-\ +\S                                      # what somebody typed, or a list
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_OPEN = re.compile(r"(?:[:,(\[{=]|->|\b(?:on|to|from|of|the|a|and|or|while|with|for|in|at|is))$", re.IGNORECASE)
"""Where no message ends."""
_ENDED = re.compile(
    r"(?:deadline exceeded|time[d ]?-?\ ?out|refused|no route to host|unreachable|no such (?:host|file or directory)"
    r"|misbehaving|not found|unknown authority|by peer|\beof|denied the request|dropping packet|overflow\w*|forbidden"
    r"|unauthorized|unavailable|not initialized|already in use|headers\)?|condition|bad gateway|\})\W*$",
    re.IGNORECASE,
)
"""How errors end."""
_LONGEST = 4_000
"""Characters of one message: a stack of lines that never ends is none."""
_WIDEST = 250
"""Characters of a line that somebody's screen has wrapped, at most."""


def plain(text: str) -> str:
    """The text as its program wrote it: ASCII quotes, no HTML escapes, no link marks of Slack, on one line."""
    unescaped = _SLACK_LINK.sub(r"\1", html.unescape(html.unescape(_COLOUR.sub("", text))))
    decoded = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), unescaped)
    return " ".join(_LINE_BREAK.sub(" ", decoded).translate(_QUOTES).split())


def messages(text: str) -> Iterator[str]:
    """The messages of a text, plain and in order: lines of a log, or one error however often it was wrapped."""
    rows = [(raw, line) for raw in text.splitlines() if (line := plain(raw)).strip("'`-=* ")]
    width = max((len(raw) for raw, _ in rows), default=0)
    current, last = "", 0
    for raw, line in rows:
        # Where another word would have fitted, nothing was wrapped.
        wrapped = width <= _WIDEST and last + 1 + len(line.partition(" ")[0]) > width
        if current and not _continues(current, line, beside=wrapped or raw[:2].isspace()):
            yield current
            current = line
        else:
            current = f"{current} {line}".strip()
        last = len(raw)
    if current:
        yield current


def _continues(current: str, line: str, *, beside: bool) -> bool:
    """Whether a line goes on with the message before it.

    Args:
        current: The message so far.
        line: The line after it.
        beside: Whether it is indented, or the line before it is full.
    """
    if _BEGINS.match(line) or len(current) + len(line) > _LONGEST:
        return False
    if _OPEN.search(current[-40:]) or current.count('"') % 2 or current.count("(") > current.count(")"):
        return True
    if _ENDED.search(current[-60:]):
        return line.startswith("(")
    return beside or not line[0].isupper()
