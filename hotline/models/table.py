"""What all tables share: the metadata, the names of constraints, the column types."""

import enum
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Enum, Identity, LargeBinary, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import UserDefinedType

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: with it a reader of the journal sees no gap (spine.md, "Journal
    row")."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type in SQL."""
        return "xid8"


def codes(kind: type[enum.Enum]) -> Enum:
    """A closed list stored by its code, as text without a database type, so that words can be added."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=False,
        length=24,
    )


Number = Annotated[int, mapped_column(BigInteger)]
RowId = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Moment = datetime
Code = Annotated[str, mapped_column(String(32))]
Words = Annotated[str, mapped_column(Text)]
Sealed = Annotated[bytes, mapped_column(LargeBinary)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]


class Table(DeclarativeBase):
    """The one metadata of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        enum.Enum: codes(enum.Enum),
        datetime: DateTime(timezone=True),
    }
