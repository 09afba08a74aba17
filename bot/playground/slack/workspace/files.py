"""What is uploaded."""

import mimetypes
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

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
        mimetype = mimetypes.guess_type(self.name)[0] or ("text/plain" if self._is_text else "application/octet-stream")
        name = quote(self.name, safe="")
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": mimetype,
            "filetype": "text" if mimetype == "text/plain" else self.name.rpartition(".")[2],
            "alt_txt": self.alt_text,
            "size": len(self.content or b""),
            "mode": self.mode,
            "url_private": f"{base_url}/files-pri/{self.id}/{name}",
            "permalink": f"{base_url}/files/{self.id}/{name}",
        }

    @property
    def _is_text(self) -> bool:
        return b"\0" not in (self.content or b"")
