"""Files uploaded to the stand-in, in the two steps of Slack's external upload."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from omsbot.sandbox.slack.errors import SlackError
from omsbot.sandbox.slack.people import BOT_USER

# Shown in the page as a picture; anything else is only offered for download.
PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}


@dataclass(slots=True)
class File:
    """One file; `ticket` is the secret of its upload URL, `content` is empty until the bytes came.

    `completed` says that it was shared, or left private.
    """

    id: str
    name: str
    length: int
    alt_text: str
    created: int
    title: str = ""
    content: bytes = b""
    completed: bool = False
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def mimetype(self) -> str:
        """From the name's extension."""
        return PICTURES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")

    def to_json(self, base_url: str) -> dict[str, Any]:
        """Slack's file object."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "alt_txt": self.alt_text,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2].lower(),
            "user": BOT_USER,
            "size": len(self.content),
            "mode": "hosted",
            "url_private": f"{base_url}files/{self.id}/{self.ticket}",
        }


class Files:
    """All files, by id and by upload ticket."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}

    def add(self, file: File) -> None:
        """Remember a file that is about to be uploaded."""
        self._files[file.id] = file

    def find(self, file_id: str) -> File:
        """By id; SlackError(file_not_found)."""
        if file_id not in self._files:
            raise SlackError("file_not_found")
        return self._files[file_id]

    def by_ticket(self, ticket: str) -> File | None:
        """The file that an upload URL belongs to."""
        return next((file for file in self._files.values() if file.ticket == ticket), None)
