"""The nightly archive: family by family, each in a transaction of its own, files summed with none open."""

import structlog

from hotline.channels.uploads import sum_of
from hotline.database import transaction
from hotline.errors import DeskError
from hotline.tickets import archiving

log = structlog.get_logger()


def archive_ended() -> None:
    """Archive all whose time has come; what was archived by a run that died is not chosen again."""
    last = None
    while True:
        with transaction():
            chosen = archiving.candidates(after=last)
        if not chosen:
            return
        for one in chosen:
            try:
                archive_family(one.ticket_no)
            except DeskError as problem:  # a colleague was quicker, or a file is lost: tried again next night
                log.error("not_archived", ticket=one.ticket_no, problem=problem.sentence)
        last = chosen[-1]


def archive_family(ticket_no: int) -> None:
    """One master with its followers. Raises `NoSuchFile`, `IllegalStep`."""
    with transaction():
        numbers = archiving.family(ticket_no)
        keys = archiving.file_keys(numbers)
    sums = {key: sum_of(key) for key in keys}
    with transaction():
        archiving.archive(numbers, sums)
