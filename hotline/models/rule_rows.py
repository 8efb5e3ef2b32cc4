"""The city's rules as rows with versions and effective dates: duty list, limits, calendar, profile,
settings."""

from datetime import date

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.reminder_words import Rung
from hotline.models.table import Code, Json, JsonList, Moment, Table, Words


class RuleVersion(Table):
    """One import of one kind of table (duty-list, limits, departments, staff …): who, when, from what.

    `changes`: the lines of departments and staff with their cells before and after, by which they are undone; a
    version that `undoes` another brings back what was before it.
    """

    __tablename__ = "rule_version"
    __table_args__ = (Index("ix_rule_version_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    imported_at: Mapped[Moment]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    source: Mapped[Words]
    added: Mapped[int] = mapped_column(default=0, server_default="0")
    changed: Mapped[int] = mapped_column(default=0, server_default="0")
    ended: Mapped[int] = mapped_column(default=0, server_default="0")
    changes: Mapped[JsonList] = mapped_column(default=list, server_default=text("'[]'"))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("rule_version.id"))


class OfVersion:
    """A row that came with one import and counts as long as that is the newest in force."""

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("rule_version.id"), index=True)


class DutyRowRecord(OfVersion, Table):
    """A row of the 确责清单: matter × area × object × time of day → lead and co-units, with its legal basis.

    `direct` (直通车) passes over the levels above the lead: they are informed by a copy.
    """

    __tablename__ = "duty_row"

    matter_code: Mapped[Code]
    area: Mapped[Code] = mapped_column(default="")
    object: Mapped[Words] = mapped_column(default="")
    time: Mapped[Code] = mapped_column(default="")
    lead: Mapped[Code]
    co_units: Mapped[JsonList]
    basis: Mapped[Words]
    direct: Mapped[bool] = mapped_column(default=False, server_default="false")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class TimeLimitRecord(OfVersion, Table):
    """A limit: step × request type × urgency → value and unit, at most `cap`; '*' means any."""

    __tablename__ = "time_limit"

    step: Mapped[Code]
    request_type: Mapped[Code]
    urgency: Mapped[Code]
    value: Mapped[int]
    unit: Mapped[Code]
    cap: Mapped[int | None]
    cap_unit: Mapped[Code] = mapped_column(default="", server_default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class LadderRung(OfVersion, Table):
    """A rung of the escalation ladder: so long after the limit (or at so many percent of it) follows this."""

    __tablename__ = "ladder_rung"

    rung: Mapped[Rung]
    urgency: Mapped[Code]
    value: Mapped[int]
    unit: Mapped[Code]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CalendarDay(OfVersion, Table):
    """A day that differs from the weekday rule, or (kind `year`) the mark that its year is known."""

    __tablename__ = "calendar_day"

    day: Mapped[date]
    kind: Mapped[Code]
    hours: Mapped[Words] = mapped_column(default="")
    source: Mapped[Words] = mapped_column(default="")


class PlaceRecord(OfVersion, Table):
    """A named place of the city (district, street, community, estate, road) and the area it lies in."""

    __tablename__ = "place"

    name: Mapped[Words]
    kind: Mapped[Code]
    area: Mapped[Code]
    community: Mapped[Words] = mapped_column(default="")
    aliases: Mapped[JsonList]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class MatterName(Table):
    """What the city calls a matter, where that is not the standard tree's name."""

    __tablename__ = "matter_name"

    matter_code: Mapped[Code] = mapped_column(primary_key=True)
    name: Mapped[Words]


class CityProfile(Table):
    """Who this desk is: name, codes, labels and standards, with effective dates (one installation = one
    city)."""

    __tablename__ = "city_profile"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Words]
    area_code: Mapped[Code]
    hotline_number: Mapped[Code] = mapped_column(default="12345")
    labels: Mapped[Json] = mapped_column(default=dict)
    standards: Mapped[Json] = mapped_column(default=dict)
    valid_from: Mapped[Moment]


class Setting(Table):
    """One decision of the city: key, value, from when, by whom and why. The newest row in force counts."""

    __tablename__ = "setting"
    __table_args__ = (Index("ix_setting_key", "key", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Code]
    value: Mapped[Json]
    valid_from: Mapped[Moment]
    who: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[Words]
