"""What the machine's dispatching was worth, counted by week, and the thresholds that follow from it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Numeric, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, Moment, Table, Xid8


class GuessWeek(Table):
    """A counted week by its Monday: when it was counted, how its best guesses spread over the classes of matters
    ({"02": 37}), and from which transaction on the journal was not read for it yet."""

    __tablename__ = "guess_week"

    week: Mapped[date] = mapped_column(primary_key=True)
    counted_at: Mapped[Moment]
    classes: Mapped[Json]
    unread_from: Mapped[str | None] = mapped_column(Xid8())


class GuessOutcome(Table):
    """What became of a ticket's guesses by the night it last moved; a week's counts are the sums of these rows.

    The columns are those of `GuessCount`, and the class of the best guess; kept while its week is counted anew.
    """

    __tablename__ = "guess_outcome"

    ticket_no: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    week: Mapped[date] = mapped_column(index=True)
    model_version: Mapped[Code]
    department_id: Mapped[int]
    guessed_department_id: Mapped[int]
    sure: Mapped[int] = mapped_column(SmallInteger)
    in_three: Mapped[bool]
    decision: Mapped[Code]
    why_not: Mapped[Code]
    stated: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    class_code: Mapped[Code]


class GuessCount(Table):
    """How many of a week's tickets are alike in all of this; departments are ids, 0 for none.

    `department_id` accepted the case, `guessed_department_id` was the first guess with `sure` percent (whole,
    rounded down), `why_not` says why they are in no rate; `stated` is the sum of the exact probabilities.
    """

    __tablename__ = "guess_count"

    week: Mapped[date] = mapped_column(primary_key=True)
    model_version: Mapped[Code] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(primary_key=True)
    guessed_department_id: Mapped[int] = mapped_column(primary_key=True)
    sure: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    in_three: Mapped[bool] = mapped_column(primary_key=True)
    decision: Mapped[Code] = mapped_column(primary_key=True)
    why_not: Mapped[Code] = mapped_column(primary_key=True)
    tickets: Mapped[int]
    stated: Mapped[Decimal] = mapped_column(Numeric(12, 4))


class DispatchThreshold(Table):
    """How sure the machine must be to dispatch alone to this department: whole percent, 100 for never.

    Of `decided` first guesses for it, `sent` were at least so sure, and `right` of these were right.
    """

    __tablename__ = "dispatch_threshold"

    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"), primary_key=True, autoincrement=False)
    sure: Mapped[int] = mapped_column(SmallInteger)
    decided: Mapped[int]
    sent: Mapped[int]
    right: Mapped[int]
    counted_at: Mapped[Moment]
