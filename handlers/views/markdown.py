"""The Markdown of our own READMEs as Slack's mrkdwn, for a screen as narrow as a phone's.

Only what a README of a check uses: headings, paragraphs, lists, tables, code, emphasis and links. Lines of a paragraph
are joined, because a narrow screen breaks them elsewhere; a row of a table becomes an entry of a list. Everything is
escaped.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from handlers.views.blocks import escape, fenced

_PIECES = re.compile(r"(`[^`]+`)|\[([^\]]+)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*")
_ITEM = re.compile(r"(\s*)(?:[-*]|\d+\.)\s+")
_RULE = re.compile(r"^[\s|:-]+$")
_CELL = re.compile(r"(?<!\\)\|")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a Markdown text as mrkdwn, in order; a list or a table is one."""
    for kind, lines in groupby(_kinds(text), key=lambda pair: pair[0]):
        found = [line for _, line in lines]
        if kind == "code":
            yield fenced("\n".join(found))
        elif kind == "table":
            yield "\n".join(_rows(found))
        elif kind == "heading":
            yield from (f"*{escape(line.lstrip('#').strip())}*" for line in found)
        elif kind == "text":
            yield "\n".join(map(_inline, _joined(found)))


def _kinds(text: str) -> Iterator[tuple[str, str]]:
    """Every line with what it is part of; lines that end something are `gap`."""
    in_code = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            in_code = not in_code
            yield "gap", ""
        elif in_code:
            yield "code", line
        elif not line.strip():
            yield "gap", ""
        else:
            yield ("table" if line.startswith("|") else "heading" if line.startswith("#") else "text"), line


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines as they belong together: a new one begins with an item of a list only."""
    whole = ""
    for line in lines:
        if whole and _ITEM.match(line):
            yield whole
            whole = line
        else:
            whole = f"{whole} {line.strip()}" if whole else line
    yield whole


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


def _rows(table: list[str]) -> Iterator[str]:
    """A table as a list: the first cell, the middle ones under their headings, and the last, which explains."""
    headings, *rows = [_cells(line) for line in table if not _RULE.match(line)]
    for first, *others in rows:
        middle = [f"{title} {cell}" for title, cell in zip(headings[1:], others[:-1], strict=False) if cell]
        small = f" ({'; '.join(middle)})" if middle else ""
        yield f"• {_inline(first)}{_inline(small)}: {_inline(others[-1])}" if others else f"• {_inline(first)}"


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line.strip().strip("|"))]
