"""Departments, staff and what each person is, always ended by a date and never deleted."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, JsonList, Moment, Table, Words
from hotline.models.words import Role


class Department(Table):
    """承办单位 of any level, in a tree of any depth. `level` 1 province … 5 village (domain.md §14)."""

    __tablename__ = "department"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    short_name: Mapped[Words]
    kind: Mapped[Code]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    area_code: Mapped[Code] = mapped_column(default="")
    phone: Mapped[Code] = mapped_column(default="")
    around_the_clock: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))


class Staff(Table):
    """A person who signs in. `session_epoch` grows when all their sessions must end; `skills` are special desks."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Words]
    phone: Mapped[Code] = mapped_column(default="")
    password_hash: Mapped[Words]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(SmallInteger, default=0)
    locked_until: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(default=1)
    skills: Mapped[JsonList] = mapped_column(default=list, server_default="[]")
    created_at: Mapped[Moment]
    valid_to: Mapped[date | None]


class Membership(Table):
    """One role of one person in one department for a time; every journal row names the one used."""

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_staff_id", "staff_id", postgresql_where=text("valid_to IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[Role]
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
