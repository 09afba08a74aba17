"""What is uploaded."""

from dataclasses import dataclass
from typing import Any


@dataclass
class File:
    """An upload on its way: announced, received, completed."""

    id: str
    name: str
    length: int
    """Bytes, as announced."""
    title: str = ""
    content: bytes | None = None
    mode: str = "pending"
    """`pending`, then `processing` once it was completed, then `hosted`."""

    def as_slack(self, base_url: str) -> dict[str, Any]:
        """The file object of the Web API; `base_url` is where the stand-in serves downloads."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": len(self.content or b""),
            "mode": self.mode,
            "url_private": f"{base_url}/files/{self.id}/{self.name}",
            "permalink": f"{base_url}/files/{self.id}/{self.name}",
        }
