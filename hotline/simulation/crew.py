"""The people of a simulated city: those of the made-up city, and a pair for every department that has none yet."""

from dataclasses import dataclass, field

from sqlalchemy import select

from hotline import clock
from hotline.channels.partners import load_demo_partners, police_platforms
from hotline.config import Config
from hotline.database import session, transaction
from hotline.models import Department, Membership, Staff
from hotline.models.words import Role
from hotline.people.accounts import Person, load_person
from hotline.tickets.find import UNIT_ROLES

NO_PASSWORD = "!"


@dataclass
class Crew:
    """Who works in the city, by post; a unit's post by its department too."""

    police: str
    posts: dict[tuple[Role, int | None], tuple[Person, ...]] = field(default_factory=dict)

    def of(self, role: Role, unit: int | None = None) -> tuple[Person, ...]:
        """The holders of a post."""
        return self.posts.get((role, unit if role in UNIT_ROLES else None), ())


def gather(config: Config) -> Crew:
    """Everybody, after the departments without people got some; and the 110 platform of the demo."""
    with transaction():
        if not police_platforms():
            load_demo_partners(config)
        staff_empty_departments()
    with transaction():
        crew = Crew(police_platforms()[0].platform)
        query = select(Membership, Staff.session_epoch).join(Staff, Staff.id == Membership.staff_id)
        for post, epoch in session().execute(query.order_by(Membership.id)).all():
            person = load_person(post.staff_id, epoch)
            key = (post.role, post.department_id if post.role in UNIT_ROLES else None)
            if person is not None:
                crew.posts[key] = (*crew.posts.get(key, ()), person)
        return crew


def staff_empty_departments() -> None:
    """A handler and a lead, who can't sign in, for every department without them."""
    has = select(Membership.department_id).where(Membership.role.in_(UNIT_ROLES))
    empty = select(Department).where(Department.valid_to.is_(None), Department.id.not_in(has))
    for unit in session().execute(empty).scalars().all():
        for role, name in ((Role.HANDLER, "承办人"), (Role.DEPARTMENT_LEAD, "负责人")):
            person = Staff(
                username=f"sim_{unit.code}_{role.value}"[:32], name=unit.short_name + name,
                password_hash=NO_PASSWORD, created_at=clock.now(),
            )  # fmt: skip
            session().add(person)
            session().flush()
            post = Membership(staff_id=person.id, role=role, department_id=unit.id, valid_from=unit.valid_from)
            session().add(post)
