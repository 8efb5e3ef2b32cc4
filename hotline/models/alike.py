"""What was told before by others: tickets that are alike, and groups of people who tell the same."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.group_words import GroupLevel
from hotline.models.table import Code, Moment, RowId, Table, Words


class Likeness(Table):
    """A ticket and an earlier one at the same place or near it: how much of their words is the same (0–1), how many
    metres lie between them, and whether both are about one matter."""

    __tablename__ = "likeness"
    __table_args__ = (Index("ix_likeness_earlier_no", "earlier_no"),)

    later_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    earlier_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    score: Mapped[float]
    metres: Mapped[int]
    same_matter: Mapped[bool]
    found_at: Mapped[Moment]


class DemandGroup(Table):
    """People who tell of one matter at one spot within days (群诉): how many, with how many tickets, since when."""

    __tablename__ = "demand_group"
    __table_args__ = (
        UniqueConstraint("matter_code", "place_name", "area_code", "opened_on", name="uq_demand_group"),
        Index("ix_demand_group_last_at", "last_at", "id"),
    )

    id: Mapped[RowId]
    matter_code: Mapped[Code]
    place_name: Mapped[Words]
    area_code: Mapped[Code]
    opened_on: Mapped[date]
    level: Mapped[GroupLevel]
    callers: Mapped[int]
    tickets: Mapped[int]
    last_at: Mapped[datetime]


class GroupMember(Table):
    """One ticket of a group. No key of the ticket's table stands behind the number: joining must wait for nobody."""

    __tablename__ = "group_member"
    __table_args__ = (Index("ix_group_member_member_no", "member_no"),)

    group_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("demand_group.id"), primary_key=True)
    member_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
