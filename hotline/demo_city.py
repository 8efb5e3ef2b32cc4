"""A made-up city, 江州市, to play with: departments, people, rules, knowledge, and logins with known
passwords."""

from pathlib import Path

from sqlalchemy import select, update

from hotline import clock
from hotline.background.learning import keep_starter_model
from hotline.database import transaction
from hotline.importing import holder_of, read_demo_staff, read_file
from hotline.models import CityProfile, Department, EntryVersion, KnowledgeEntry, Staff
from hotline.models.phone_words import Desk
from hotline.models.words import EntryState, Role
from hotline.tickets import entries, rulebook

FOLDER = Path(__file__).parent / "demo_data"
NAME = "江州市"
PASSWORD = "12345-demo"


def load_city(password: str = PASSWORD) -> None:
    """Load the city unless it is there; safe to call at every start."""
    with transaction() as current:
        if current.execute(select(Department.id).limit(1)).first() is None:
            current.add(
                CityProfile(name=NAME, area_code="369000", labels={}, standards={}, valid_from=clock.now())
            )
            for kind in ("departments", "duty-list", "limits", "calendar", "ladder", "places", "grid"):
                read_file(kind, FOLDER / f"{kind.replace('-', '_')}.csv")
            read_demo_staff(FOLDER / "staff.csv", password)
            current.execute(update(Staff).where(Staff.username == "agent3").values(skills=[Desk.ENTERPRISE, Desk.LAW]))
    load_entries()
    keep_starter_model()
    rulebook.forget()


def load_entries() -> None:
    """The city's knowledge, written by its editor and published by its approver, unless there is some."""
    with transaction() as current:
        if current.execute(select(KnowledgeEntry.id).limit(1)).first() is not None:
            return
        read_file("knowledge", FOLDER / "knowledge.csv")
        approver = holder_of(Role.KB_APPROVER)
        waiting = select(EntryVersion).where(EntryVersion.state == EntryState.TO_APPROVE)
        for row in current.execute(waiting).scalars().all():
            entries.approve(row.entry_id, row.version, approver)
