"""Makes the copy of a photo that others may see: turned upright, camera data gone, bounded in size."""

import io
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from hotline.channels.uploads import open_file, store
from hotline.database import session
from hotline.models import Attachment, OutboxRow, Requester, Ticket
from hotline.models.words import Confidentiality
from hotline.tickets.identity import file_ring

LONGEST_SIDE = 2400
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
Image.MAX_IMAGE_PIXELS = 64_000_000


def clean_photo(row: OutboxRow, _: Any) -> None:
    """Store the cleaned copy beside the original, sealed like it, or in its place where nobody must be known; papers
    (PDF) are kept as they are."""
    attachment = session().get_one(Attachment, row.ref["attachment"])
    if attachment.clean_key:
        return
    if attachment.content_type not in FORMATS:
        attachment.clean_key = attachment.storage_key
        return
    ring = file_ring(session().get_one(Requester, attachment.ticket_no))
    keeps_none = session().get_one(Ticket, attachment.ticket_no).confidentiality is Confidentiality.ANONYMOUS
    key = attachment.storage_key + ("" if keeps_none else "-clean")
    try:
        content = cleaned(open_file(attachment, clean=False), FORMATS[attachment.content_type])
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError):
        attachment.clean_key = ""
        return
    store(key, ring.seal_bytes(content))
    attachment.clean_key = key


def cleaned(content: bytes, form: str) -> bytes:
    """The same picture with its pixels only: no EXIF, no GPS, no comments, no thumbnails."""
    with Image.open(io.BytesIO(content)) as original:
        upright = ImageOps.exif_transpose(original)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture = Image.new(upright.mode, upright.size)
        picture.paste(upright)
    written = io.BytesIO()
    picture.save(written, form)
    return written.getvalue()
