"""The tables, one concept a file, one metadata."""

from hotline.models.alike import DemandGroup, GroupMember, Likeness
from hotline.models.archive import Archive
from hotline.models.asked import Asked
from hotline.models.assignment import Assignment, Contact, Reply
from hotline.models.call_rows import Call, Draft, Recording, Seat
from hotline.models.caller_flag import CallerFlag
from hotline.models.citizen_word import BadReviewCase, Callback, Invitation, Review
from hotline.models.consultation import Consultation, InvitedUnit
from hotline.models.data_upload import DataUpload
from hotline.models.grid_rows import GridCell, GridTask
from hotline.models.guess_counts import DispatchThreshold, GuessCount, GuessOutcome, GuessWeek
from hotline.models.inbox import InboxRow, TicketAlias
from hotline.models.journal import JournalEntry
from hotline.models.kept_file import Attachment
from hotline.models.knowledge import EntryVersion, KnowledgeEntry
from hotline.models.limit_clock import Clock
from hotline.models.look_alarm import LookAlarm
from hotline.models.machine_word import MachineGuess, ModelVersion
from hotline.models.outbox import OutboxRow
from hotline.models.people import Department, Membership, Staff
from hotline.models.reminder import Reminder, Summons
from hotline.models.requester import Requester
from hotline.models.rule_rows import (
    CalendarDay,
    CityProfile,
    DutyRowRecord,
    LadderRung,
    MatterName,
    PlaceRecord,
    RuleVersion,
    Setting,
    TimeLimitRecord,
)
from hotline.models.sent import Message, Partner, PartnerMessage
from hotline.models.table import Table
from hotline.models.three_way import ThreeWayCall
from hotline.models.ticket import NO_DEADLINE, TICKET_SEQUENCE, Ticket
from hotline.models.ticket_copy import TicketCopy
from hotline.models.unmask_grant import UnmaskGrant
from hotline.models.watch import AccessLog, CronRun, Heartbeat

__all__ = [
    "NO_DEADLINE",
    "TICKET_SEQUENCE",
    "AccessLog",
    "Archive",
    "Asked",
    "Assignment",
    "Attachment",
    "BadReviewCase",
    "CalendarDay",
    "Call",
    "Callback",
    "CallerFlag",
    "CityProfile",
    "Clock",
    "Consultation",
    "Contact",
    "CronRun",
    "DataUpload",
    "DemandGroup",
    "Department",
    "DispatchThreshold",
    "Draft",
    "DutyRowRecord",
    "EntryVersion",
    "GridCell",
    "GridTask",
    "GroupMember",
    "GuessCount",
    "GuessOutcome",
    "GuessWeek",
    "Heartbeat",
    "InboxRow",
    "Invitation",
    "InvitedUnit",
    "JournalEntry",
    "KnowledgeEntry",
    "LadderRung",
    "Likeness",
    "LookAlarm",
    "MachineGuess",
    "MatterName",
    "Membership",
    "Message",
    "ModelVersion",
    "OutboxRow",
    "Partner",
    "PartnerMessage",
    "PlaceRecord",
    "Recording",
    "Reminder",
    "Reply",
    "Requester",
    "Review",
    "RuleVersion",
    "Seat",
    "Setting",
    "Staff",
    "Summons",
    "Table",
    "ThreeWayCall",
    "Ticket",
    "TicketAlias",
    "TicketCopy",
    "TimeLimitRecord",
    "UnmaskGrant",
]
