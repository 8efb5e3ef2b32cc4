"""Files of departments, staff or rules that wait for an administrator to look at what they would change."""

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.models.table import Code, Json, JsonList, Moment, Table, Words


class DataUpload(Table):
    """One kept file; gone once it is imported or given up.

    `cells`: its lines as text, headings first. `trial`: what a changed duty list would do to the last tickets, {}
    before anybody asked.
    """

    __tablename__ = "data_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Code]
    source: Mapped[Words]
    cells: Mapped[JsonList]
    trial: Mapped[Json] = mapped_column(default=dict, server_default=text("'{}'"))
    uploaded_at: Mapped[Moment]
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
