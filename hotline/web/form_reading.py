"""Reads what was typed and uploaded: bounded, never trusted, and given back whole when something is wrong."""

import hashlib
import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import filetype
from flask import request
from werkzeug.datastructures import FileStorage

from hotline.errors import BadInput
from hotline.tickets.rulebook import setting

KINDS: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
TOGETHER = threading.BoundedSemaphore(2)
"""Only two uploads are held in memory at once in a process."""
NO_NULS = str.maketrans("", "", "\x00")
LARGEST_WORDS = 2 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file whose bytes really are of the type they are said to be."""

    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> bytes:
        """Of the bytes as uploaded."""
        return hashlib.sha256(self.content).digest()

    def stream(self) -> io.BytesIO:
        """The bytes to read."""
        return io.BytesIO(self.content)


def bound_words() -> None:
    """Only files may be as large as a request: words are read whole, and before anything else is known."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_WORDS


def typed(name: str, limit: int = 200) -> str:
    """One field as text, without NUL characters. Raises `BadInput` naming the field when it is too long."""
    value = request.form.get(name, "").translate(NO_NULS).strip()
    if len(value) > limit:
        raise BadInput(**{name: f"最多填写{limit}字，现在是{len(value)}字。"})
    return value


def ticked(name: str) -> bool:
    """A box that was ticked."""
    return request.form.get(name, "") in ("1", "true", "yes", "on")


def number(name: str) -> int | None:
    """A whole number, None when it is missing or no number."""
    return whole_number(request.form.get(name, "").strip())


def whole_number(written: str) -> int | None:
    """A number the tables can hold, None for anything else."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 18 else None


def form_again() -> dict[str, str]:
    """What was typed, for the page that is shown again."""
    return {key: value for key, value in request.form.items() if key != "csrf_token"}


def uploads(name: str = "photos") -> Sequence[Upload]:
    """The files of a field: few enough, small enough, and of the type they claim. Raises `BadInput`."""
    files = [file for file in request.files.getlist(name) if file.filename]
    if len(files) > setting("photo_limit"):
        raise BadInput(**{name: f"最多上传{setting('photo_limit')}个文件。"})
    with TOGETHER:
        return [checked(name, file) for file in files]


def checked(field: str, file: FileStorage) -> Upload:
    """One file, its type told by its first bytes and not by its name."""
    limit = setting("photo_megabytes")
    content = file.stream.read(limit * 1024 * 1024 + 1)
    if len(content) > limit * 1024 * 1024:
        raise BadInput(**{field: f"每个文件不超过{limit}MB。"})
    kind = filetype.guess(content)
    if kind is None or kind.mime not in KINDS:
        raise BadInput(**{field: "只能上传照片（JPG、PNG、WebP）或PDF文件，且内容须与格式相符。"})
    return Upload((file.filename or "")[:200], kind.mime, content)
