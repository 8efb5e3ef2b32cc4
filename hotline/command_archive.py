"""`hotline verify-archive`: reckons the sums of archived files again and names what is no longer as it was."""

import argparse
from collections.abc import Iterator

from sqlalchemy import select

from hotline.channels.uploads import sum_of
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import session, transaction
from hotline.errors import NotFound
from hotline.gateways.storage import NoSuchFile
from hotline.models import Archive
from hotline.tickets.archiving import differences, table_sums
from hotline.tickets.find import read_number, shown_number

BATCH = 500


def verify_archive(config: Config, options: argparse.Namespace) -> int:
    """One ticket or all of the archive; exit code 1 when one has changed."""
    whole = good = 0
    with desk_of(config):
        for ticket_no in [read_number(options.number)] if options.number else archived():
            found = changed(ticket_no)
            whole, good = whole + 1, good + (not found)
            if found:
                print(f"{shown_number(ticket_no)} 与归档时不一致：{'、'.join(found)}")
    print(f"核对 {whole} 件，一致 {good} 件。")
    return 0 if good == whole else 1


def archived() -> Iterator[int]:
    """The numbers of all archived tickets, in batches by key."""
    last = 0
    while True:
        query = select(Archive.ticket_no).where(Archive.ticket_no > last).order_by(Archive.ticket_no).limit(BATCH)
        with transaction():
            numbers = session().execute(query).scalars().all()
        if not numbers:
            return
        yield from numbers
        last = numbers[-1]


def changed(ticket_no: int) -> list[str]:
    """The parts of an archived file that differ from what was archived. Raises `NotFound`."""
    with transaction():
        kept = session().get(Archive, ticket_no)
        if kept is None:
            raise NotFound("这张工单还没有归档。")
        tables = table_sums(ticket_no, kept.parts["tables"])
        session().expunge(kept)
    return differences(kept, tables, {key: sum_or_none(key) for key in kept.parts["files"]})


def sum_or_none(key: str) -> str:
    """The sum of a stored file, nothing for one that is lost."""
    try:
        return sum_of(key)
    except NoSuchFile:
        return ""
