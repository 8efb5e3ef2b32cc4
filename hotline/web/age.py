"""How long a ticket has been with us in all: since its first receipt, whatever was returned, redone or reopened since
(domain.md §15, 8)."""

from hotline import clock
from hotline.models import Ticket
from hotline.tickets.rulebook import rules


def age_words(ticket: Ticket) -> str:
    """受理至今3个工作日（5天）; of an ended ticket until its end."""
    first, last = clock.city_day(ticket.received_at), clock.city_day(ticket.closed_at or clock.now())
    working = rules().calendar.working_days_between(first, last)
    return f"{'历时' if ticket.closed_at else '受理至今'}{working}个工作日（{(last - first).days}天）"
