"""The limits where the city set none, so that a city imported before a limit was known has its clock all the same.

Defaults, as in the made-up city; supervision: domain.md §13.
"""

from routing.time_limits import TimeLimit

DEFAULT_LIMITS = (
    TimeLimit("urge", "*", "*", 1, "working_days"),
    TimeLimit("supervise", "*", "*", 2, "working_days"),
    TimeLimit("decide", "*", "emergency", 30, "minutes"),
    TimeLimit("decide", "*", "critical", 30, "minutes"),
    TimeLimit("decide", "*", "urgent", 2, "hours"),
    TimeLimit("decide", "*", "*", 4, "working_hours"),
    TimeLimit("meeting", "*", "*", 2, "working_days"),
    TimeLimit("alarm", "*", "emergency", 5, "minutes"),
    TimeLimit("alarm", "*", "*", 10, "minutes"),
)
