"""What is uploaded."""

from dataclasses import dataclass
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins."""


@dataclass
class File:
    """An upload on its way: announced, received, completed."""

    id: str
    name: str
    length: int
    """Bytes, as announced."""
    title: str = ""
    alt_text: str = ""
    """What it shows, for who does not see it."""
    content: bytes | None = None
    mode: str = "pending"
    """`pending`, then `processing` once it was completed, then `hosted`."""

    @property
    def kind(self) -> str:
        """What it is, by its first bytes: a picture is shown, and everything else is plain text, whatever its name."""
        return "image/png" if (self.content or b"").startswith(PNG) else "text/plain"

    def as_slack(self, base_url: str) -> dict[str, Any]:
        """The file object of the Web API; `base_url` is where the stand-in serves downloads."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.kind,
            "alt_txt": self.alt_text,
            "size": len(self.content or b""),
            "mode": self.mode,
            "url_private": f"{base_url}/files/{self.id}/{self.name}",
            "permalink": f"{base_url}/files/{self.id}/{self.name}",
        }
