"""Corefiles, read as CoreDNS reads them: server blocks, snippets, imports, variables. Pure.

The grammar is that of `coredns/caddy/caddyfile` (lexer.go, parse.go, dispenser.go), the zones are those of
`coredns/plugin` (normalize.go, kubernetes/setup.go).
"""

import fnmatch
import ipaddress
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

IMPORTS = 1000
"""Imports in one Corefile: more is a snippet that imports itself."""
TOKENS = 100_000
_TRANSPORT = re.compile(r"^[a-z0-9+]+://", re.IGNORECASE)
_PORT = re.compile(r"^(.*):(\d+)$")
_LEXEMES = re.compile(r'\s+|#[^\n]*|"((?:[^"\\]|\\.)*)(?:"|\Z)|([^\s#"][^\s#]*)', re.DOTALL)
"""White space, a comment, a word in quotes, or a word."""
_REFERENCE = re.compile(r"\{%(\w+)%\}|\{\$(\w+)\}")


class CorefileError(Exception):
    """CoreDNS would not start with this."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, and where it stands."""

    file: str
    line: int
    text: str
    lines: int = 0
    """Line breaks in it, where it was quoted."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A plugin with what is written behind it on its line, and the words of the lines in its braces."""

    name: str
    arguments: tuple[str, ...] = ()
    options: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One server block."""

    keys: tuple[str, ...]
    directives: tuple[Directive, ...] = ()

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that it serves, each with the dot at its end."""
        return tuple(zone for key in self.keys for zone in zones_of(key))


def blocks(files: Mapping[str, str], start: str, variables: Mapping[str, str] | None = None) -> tuple[Block, ...]:
    """The server blocks of the Corefile at a path.

    Args:
        files: The text of each file by its absolute path.
        start: The path of the Corefile.
        variables: The environment of the server.

    Raises:
        CorefileError: CoreDNS would refuse it.
    """
    parser = _Parser(files, start, variables or {})
    return tuple(parser.every())


def kubernetes_zones(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The zones that are served from the Kubernetes API, reverse ones apart, without the dot at their end.

    The zones of the plugin `kubernetes` are its arguments, or else those of its server block; the first that is no
    reverse zone is the cluster's domain.
    """
    found = []
    for block in blocks:
        for directive in block.directives:
            if directive.name == "kubernetes":
                of_arguments = [zone for argument in directive.arguments for zone in zones_of(argument)]
                zones = of_arguments if directive.arguments else block.zones
                found += [zone.rstrip(".") for zone in zones if not is_reverse(zone)]
    return tuple(dict.fromkeys(found))


def upstreams(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Whom names of no zone that is served here are asked of (plugin/forward, and proxy before it), as it is written.

    Addresses, some with a port or a transport, and files such as `/etc/resolv.conf`.
    """
    written = (
        directive.arguments[1:]
        for block in blocks
        if "." in block.zones
        for directive in block.directives
        if directive.name in ("forward", "proxy") and directive.arguments[:1] == (".",)
    )
    return tuple(dict.fromkeys(to for each in written for to in each))


def zone_variables(files: Mapping[str, str]) -> frozenset[str]:
    """The variables that these files may make zones of: those on lines of server blocks' keys and of `kubernetes`."""
    lines = [line for text in files.values() for line in text.splitlines()]
    telling = [line for line in lines if line.rstrip().endswith("{") or line.lstrip().startswith("kubernetes")]
    return frozenset(first or second for line in telling for first, second in _REFERENCE.findall(line))


def zones_of(key: str) -> tuple[str, ...]:
    """The zones of an address: a name, or a network, whose reverse zones it stands for; none where it is no address."""
    host = _TRANSPORT.sub("", key)
    port = _PORT.match(host)
    if port:
        host = port[1]
    try:
        if "/" in host:
            return _reverse(ipaddress.ip_network(host, strict=False))
    except ValueError:
        return ()
    name = host.lower().rstrip(".") + "."
    return (name,) if len(name) <= 255 and ".." not in name.removesuffix(".") else ()  # noqa: PLR2004 - RFC 1035


def is_reverse(zone: str) -> bool:
    """Whether a zone holds the names of addresses."""
    return f".{zone.rstrip('.')}".endswith((".in-addr.arpa", ".ip6.arpa"))


def _reverse(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[str, ...]:
    """The zones of a network; one that ends within a label has several."""
    bits = 8 if network.version == 4 else 4  # noqa: PLR2004 - of IP
    whole = -(-network.prefixlen // bits)
    labels = network.max_prefixlen // bits
    if whole == 0:
        return ("in-addr.arpa." if network.version == 4 else "ip6.arpa.",)  # noqa: PLR2004 - of IP
    parts = network.subnets(new_prefix=whole * bits)
    return tuple(".".join(p.network_address.reverse_pointer.split(".")[labels - whole :]) + "." for p in parts)


def _tokens(file: str, text: str) -> Iterator[Token]:
    """The words of a file: apart by white space or quotes, without comments. In quotes only a quote may be escaped."""
    line = 1
    for match in _LEXEMES.finditer(text.removeprefix("\ufeff")):
        quoted, word = match.groups()
        if word is not None:
            yield Token(file, line, word)
        elif quoted is not None:
            yield Token(file, line, quoted.replace('\\"', '"'), quoted.count("\n"))
        line += match[0].count("\n")


class _Parser:
    """A cursor over the words; imports are put in place of their line."""

    def __init__(self, files: Mapping[str, str], start: str, variables: Mapping[str, str]) -> None:
        if start not in files:
            raise CorefileError(f"there is no file {start}")
        self._files = files
        self._variables = variables
        self._tokens = list(_tokens(start, files[start]))
        self._at = 0
        self._snippets: dict[str, list[Token]] = {}
        self._imports = 0

    def every(self) -> Iterator[Block]:
        """All server blocks, in their order."""
        while self._at < len(self._tokens):
            keys = self._keys()
            opened = self._word() == "{"
            if len(keys) == 1 and keys[0].startswith("(") and keys[0].endswith(")"):
                self._define(keys[0][1:-1], opened=opened)
                continue
            if opened:
                self._at += 1
            directives = tuple(self._directives(opened=opened))
            if keys:
                yield Block(keys, directives)

    def _word(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _new_line(self) -> bool:
        """Whether the word at the cursor is the first of its line."""
        if self._at == 0 or self._at >= len(self._tokens):
            return True
        before, here = self._tokens[self._at - 1], self._tokens[self._at]
        return before.file != here.file or before.line + before.lines < here.line

    def _filled(self, word: str) -> str:
        """The word with the values of its variables; one that is not set is empty."""
        return _REFERENCE.sub(lambda match: self._variables.get(match[1] or match[2], ""), word)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        more = False
        while self._at < len(self._tokens):
            if self._word() == "import" and self._new_line():
                self._import()
                continue
            if keys and not more and self._new_line():
                break
            word = self._filled(self._word())
            if word == "{":
                if more:
                    raise CorefileError("another address was expected and not a brace")
                break
            more = word.endswith(",")
            if word.removesuffix(","):
                keys.append(word.removesuffix(","))
            self._at += 1
        return tuple(keys)

    def _define(self, name: str, *, opened: bool) -> None:
        """Keep the words of a snippet."""
        if not opened or name in self._snippets:
            raise CorefileError(f"the snippet {name} has no braces, or is there twice")
        self._at += 1
        depth = 1
        words: list[Token] = []
        while self._at < len(self._tokens):
            depth += {"{": 1, "}": -1}.get(self._word(), 0)
            if not depth:
                self._at += 1
                self._snippets[name] = words
                return
            words.append(self._tokens[self._at])
            self._at += 1
        raise CorefileError(f"the braces of the snippet {name} are not closed")

    def _directives(self, *, opened: bool) -> Iterator[Directive]:
        while self._at < len(self._tokens):
            word = self._word()
            if word == "}":
                self._at += 1
                return
            if word == "import":
                self._import()
                continue
            yield self._directive()
        if opened:
            raise CorefileError("the braces of a server block are not closed")

    def _directive(self) -> Directive:
        name = self._filled(self._word())
        arguments: list[str] = []
        options: list[list[str]] = []
        depth, of_the_name = 0, True
        self._at += 1
        while self._at < len(self._tokens):
            word = self._word()
            if word == "import" and self._new_line() and depth:
                self._import()
                continue
            if word == "{":
                depth, of_the_name = depth + 1, False
            elif not depth and (self._new_line() or word == "}"):
                break
            elif word == "}":
                depth -= 1
            elif of_the_name:
                arguments.append(self._filled(word))
            elif self._new_line() or not options:
                options.append([self._filled(word)])
            else:
                options[-1].append(self._filled(word))
            self._at += 1
        if depth:
            raise CorefileError(f"the braces of {name} are not closed")
        return Directive(name, tuple(arguments), tuple(map(tuple, options)))

    def _import(self) -> None:
        """Put what is imported in place of the two words at the cursor."""
        self._imports += 1
        at = self._at + 1
        if at >= len(self._tokens) or self._imports > IMPORTS or len(self._tokens) > TOKENS:
            raise CorefileError("an import of nothing, or of itself")
        pattern = self._filled(self._tokens[at].text)
        words = self._snippets.get(pattern)
        if words is None:
            words = list(self._of_files(pattern, self._tokens[self._at].file))
        self._tokens[self._at : at + 1] = words

    def _of_files(self, pattern: str, file: str) -> Iterator[Token]:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), pattern))
        folder, name = posixpath.split(path)
        found = [p for p in sorted(self._files) if p == path or _within(p, folder, name)]
        if not found and not re.search(r"[*?\[\]]", path):
            raise CorefileError(f"there is no file {path} to import")
        for each in found:
            yield from _tokens(each, self._files[each])


def _within(path: str, folder: str, name: str) -> bool:
    """Whether a pattern holds for a path; a star stands for no slash."""
    return (
        fnmatch.fnmatchcase(posixpath.basename(path), name)
        and fnmatch.fnmatchcase(posixpath.dirname(path), folder)
        and path.count("/") == f"{folder}/{name}".count("/")
    )
