"""Who is signed in: a person, the posts they hold, and what each post lets them do."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline.database import session
from hotline.models import Department, Membership, Staff
from hotline.models.words import Role


@dataclass(frozen=True)
class Post:
    """One role of a person in one department."""

    role: Role
    department_id: int
    department_name: str


@dataclass(frozen=True)
class Person:
    """A signed-in member of staff with the posts in force today."""

    id: int
    username: str
    name: str
    posts: tuple[Post, ...]
    must_change_password: bool = False

    def roles(self) -> frozenset[Role]:
        """All roles held."""
        return frozenset(post.role for post in self.posts)

    def has(self, *roles: Role) -> bool:
        """Whether one of these roles is held."""
        return bool(self.roles() & set(roles))

    def post_with(self, roles: frozenset[Role], department_ids: frozenset[int] | None = None) -> Post | None:
        """The post to act in: of one of the roles and, where given, in one of the departments."""
        fitting = (
            post
            for post in self.posts
            if post.role in roles and (department_ids is None or post.department_id in department_ids)
        )
        return next(fitting, None)

    def unit_ids(self) -> frozenset[int]:
        """The departments this person handles tickets for."""
        return frozenset(
            post.department_id for post in self.posts if post.role in (Role.HANDLER, Role.DEPARTMENT_LEAD)
        )


def load_person(staff_id: int, epoch: int) -> Person | None:
    """The person of a session, in one statement; None when the account or the session has ended."""
    query = (
        select(
            Staff.id,
            Staff.username,
            Staff.name,
            Staff.must_change_password,
            Membership.role,
            Membership.department_id,
            Department.short_name,
        )
        .join(Membership, Membership.staff_id == Staff.id)
        .join(Department, Department.id == Membership.department_id)
        .where(Staff.id == staff_id, Staff.session_epoch == epoch)
        .where(Staff.valid_to.is_(None), Membership.valid_to.is_(None))
        .order_by(Membership.id)
    )
    rows = session().execute(query).all()
    if not rows:
        return None
    posts = tuple(Post(Role(row.role), row.department_id, row.short_name) for row in rows)
    first = rows[0]
    return Person(first.id, first.username, first.name, posts, first.must_change_password)
