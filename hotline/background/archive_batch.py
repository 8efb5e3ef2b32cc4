"""The archive: family by family, each in a transaction of its own, files summed with none open."""

import structlog

from hotline.channels.uploads import sum_of
from hotline.database import transaction
from hotline.errors import DeskError
from hotline.tickets import archiving

log = structlog.get_logger()
AT_ONCE = 50
"""Families a run archives at most: two seconds (40 ms each), for other periodic work waits meanwhile."""


def archive_ended() -> None:
    """Archive those whose time has come; what was archived by a run that died is not chosen again.

    One that can't be archived (a colleague was quicker, a file is lost) keeps no other back.
    """
    last, done = None, 0
    while done < AT_ONCE:
        with transaction():
            chosen = archiving.candidates(AT_ONCE - done, after=last)
        if not chosen:
            return
        for one in chosen:
            try:
                archive_family(one.ticket_no)
                done += 1
            except DeskError as problem:
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
