"""Direct channel (直通车): the machine sends a ticket past the middle level, which only gets a copy."""

import re

import pytest
from sqlalchemy import update

from hotline.database import session, transaction
from hotline.models import Assignment, Department, DutyRowRecord, TicketCopy
from hotline.tickets.rulebook import forget, rules
from routing.csv_table import BadTable
from routing.duty_list import COLUMNS, read_duty_rows
from tests.journeys.front_door import write
from tests.makers import ticket

STALLS = "望湖区湖滨街道金桂苑门口有人占道摆摊卖菜，堵住了人行道。"


@pytest.fixture
def direct(desk):
    """The rows of one district's bureau are a direct channel, for this story."""
    for value in (True, False):
        with transaction() as current:
            mine = DutyRowRecord.lead == "whq-cg"
            current.execute(update(DutyRowRecord).where(mine).values(direct=value))
        forget()
        if value:
            yield


def test_the_level_passed_over_reads_what_the_machine_dispatched(direct, web, signed_in):
    no = write(web, STALLS)
    units = {one.id: one.code for one in session().query(Department)}
    share = session().query(Assignment).filter_by(ticket_no=no, is_lead=True).one()
    assert units[ticket(no).department_id] == "whq-cg"
    assert session().get_one(DutyRowRecord, share.duty_row_id).direct
    copies = session().query(TicketCopy.department_id).filter_by(ticket_no=no).all()
    assert [units[one] for (one,) in copies] == ["whq"]
    district = signed_in("whq_lead")
    assert f"/department/{no}" in district.get("/department/copies").text
    shown = signed_in("dispatcher1").get(f"/dispatch/{no}").text
    assert "抄送知悉" in shown and "望湖区" in shown
    assert re.search(r"按确责清单第\d+行（[^）]+，直通车）", shown)
    page = signed_in("supervisor1").get("/board/duty-list").text
    rows = [row for row in rules().duty_list.rows if row.lead == "whq-cg"]
    assert f"望湖区城市管理执法局（{len(rows)}条）" in page and "，直通车" in page


def test_without_the_mark_only_a_street_is_told_to_its_district(web):
    no = write(web, STALLS)
    assert ticket(no).department_id
    assert session().query(TicketCopy).filter_by(ticket_no=no).count() == 0


def test_a_row_says_that_it_is_direct_or_nothing(tmp_path):
    file = tmp_path / "duty.csv"
    head, row = ",".join((*COLUMNS, "direct")), "0101,369001,,,whq-cg,,默认,2025-01-01,,"
    file.write_text(f"{head}\n{row}是\n{row}\n")
    assert [one.direct for one in read_duty_rows(file)] == [True, False]
    file.write_text(f"{head}\n{row}也许\n")
    with pytest.raises(BadTable):
        read_duty_rows(file)
