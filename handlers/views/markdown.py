"""The Markdown of our own READMEs as Slack's mrkdwn.

Only what a README of a check uses: headings, lists, tables, code, emphasis and links. Everything is escaped.
"""

import re
from collections.abc import Iterator

from handlers.views.blocks import escape, fenced

_PIECES = re.compile(r"(`[^`]+`)|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*")
_RULE = re.compile(r"^[\s|:-]+$")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a Markdown text as mrkdwn, in order."""
    lines = iter([*text.splitlines(), ""])
    gathered: list[str] = []
    table: list[str] = []
    for line in lines:
        if table and not line.startswith("|"):
            yield fenced(_columns(table))
            table = []
        if line.startswith("|"):
            yield from _flushed(gathered)
            table.append(line)
        elif line.lstrip().startswith("```"):
            yield from _flushed(gathered)
            yield fenced("\n".join(_until_fence(lines)))
        elif line.startswith("#"):
            yield from _flushed(gathered)
            gathered.append(f"*{escape(line.lstrip('#').strip())}*")
        elif line.strip():
            gathered.append(_inline(line))
        else:
            yield from _flushed(gathered)
    if table:
        yield fenced(_columns(table))


def _flushed(gathered: list[str]) -> Iterator[str]:
    if gathered:
        yield "\n".join(gathered)
        gathered.clear()


def _until_fence(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.lstrip().startswith("```"):
            return
        yield line


def _inline(line: str) -> str:
    item = re.match(r"(\s*)[-*]\s+", line)
    text = f"{item[1]}• {line[item.end() :]}" if item else line
    made, at = "", 0
    for match in _PIECES.finditer(text):
        made += escape(text[at : match.start()]) + _piece(match)
        at = match.end()
    return made + escape(text[at:])


def _piece(match: re.Match[str]) -> str:
    span, label, address, strong = match.groups()
    if span:
        return escape(span)
    if strong:
        return f"*{escape(strong)}*"
    if address.startswith(("https://", "http://")):
        return f"<{escape(address)}|{escape(label)}>"
    return escape(label)


def _columns(table: list[str]) -> str:
    """A table as text in columns."""
    rows = [
        [cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in table if not _RULE.match(row)
    ]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows), default=0))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows
    )
