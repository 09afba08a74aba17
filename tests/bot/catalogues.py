"""Catalogues that tests make: of a few sentences, or of every sentence in the code in a language that nobody speaks."""

from collections.abc import Mapping
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo

from bot.language import DOMAIN

ROOT = Path(__file__).parent.parent.parent
SOURCES = ("checks", "bot", "handlers")
KEYWORDS = {"say": None, "say_many": (1, 2)}
"""As in the Makefile's `messages`."""
LOCALE = "eo"
OPENED, CLOSED = "⟦", "⟧"

Message = str | tuple[str, ...]


def catalogue(folder: Path, locale: str, messages: Mapping[Message, Message]) -> Path:
    """A folder of catalogues with one of these messages."""
    made = Catalog(locale=locale)
    for original, translated in messages.items():
        made.add(original, translated)
    path = folder / locale / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_mo(file, made)
    return folder


def marked(folder: Path, *beside: Path) -> Path:
    """A catalogue of every sentence in the code, and in some files beside, that puts it between ⟦ and ⟧."""
    said: set[Message] = set()
    for source in SOURCES:
        said |= {message for _, _, message, _, _ in extract_from_dir(ROOT / source, keywords=KEYWORDS)}
    for path in beside:
        said |= {message for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS)}
    return catalogue(folder, LOCALE, {message: _marked(message) for message in said})


def _marked(message: Message) -> Message:
    if isinstance(message, str):
        return f"{OPENED}{message}{CLOSED}"
    return tuple(f"{OPENED}{form}{CLOSED}" for form in message)
