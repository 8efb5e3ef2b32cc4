"""A span of hours within a day, such as 22:00-06:00, and the hour a citizen tells in words."""

import re
from dataclasses import dataclass
from datetime import time

WRITTEN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–—~]\s*(24:00|(?:[01]?\d|2[0-3]):[0-5]\d)")
DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {
    "十一": 11, "十二": 12, "两": 2}  # fmt: skip
TOLD_HOUR = re.compile(
    r"(凌晨|半夜|深夜|夜里|夜间|晚上|晚间|傍晚|早上|早晨|清晨|上午|中午|下午)?(?:的|大约|大概|将近|快)?"
    r"(?<!\d)(2[0-4]|1\d|0?\d|十[一二]?|[一二三四五六七八九两])(?:点|时(?!间|候|常)|[:：]([0-5]\d))"
)
TOLD_CLOCK = re.compile(r"(?<![\d:：.])(1[3-9]|2[0-3])(?:点|时(?!间|候|常)|[:：]([0-5]\d))")
"""An hour that needs no word before it: 23点, 22:30."""
TOLD_PART = (
    ("凌晨|半夜|深夜|午夜|通宵|彻夜|夜里|夜间", time(23, 30)),
    ("晚上|晚间|夜晚", time(21)),
    ("清晨|大清早|一大早", time(5, 30)),
)
AFTERNOON = frozenset({"中午", "下午", "傍晚"})
NIGHT = frozenset({"晚上", "晚间", "夜里", "夜间", "深夜", "半夜"})


class SpanError(ValueError):
    """The span can't be read; its text is a Chinese sentence."""


@dataclass(frozen=True)
class DaySpan:
    """From `start` (counts) to `end` (does not); an end not later than the start is after midnight."""

    start: time
    end: time

    @classmethod
    def parse(cls, written: str) -> "DaySpan":
        """Read "22:00-06:00"; "24:00" as an end is midnight. Raises SpanError."""
        match = WRITTEN.fullmatch(written.strip())
        if not match:
            raise SpanError(f"时间段“{written}”应写作“22:00-06:00”")
        end = "0:00" if match[3] == "24:00" else match[3]
        hour, minute = end.split(":")
        span = cls(time(int(match[1]), int(match[2])), time(int(hour), int(minute)))
        if span.start == span.end and match[3] != "24:00":
            raise SpanError(f"时间段“{written}”的起止相同")
        return span

    def covers(self, moment: time) -> bool:
        """True when the time of day lies in the span."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    @property
    def ends(self) -> tuple[time, time]:
        """The two times of day at which something changes."""
        return self.start, self.end

    def meets(self, other: "DaySpan") -> bool:
        """True when the two spans share a moment."""
        return self.covers(other.start) or other.covers(self.start)


def told_time(text: str) -> time | None:
    """The time of day a citizen names ("晚上11点", "22:30", "半夜"), None without one; default, domain.md §4.4."""
    match = next((match for match in TOLD_HOUR.finditer(text) if match[1]), None)
    if match:
        hour = DIGITS[match[2]] if match[2] in DIGITS else int(match[2])
        if (match[1] in AFTERNOON and hour < 11) or (match[1] in NIGHT and 5 <= hour < 12):
            hour += 12
        elif match[1] in NIGHT and hour == 12:
            hour = 0
        return time(hour % 24, int(match[3] or 0))
    if clock := TOLD_CLOCK.search(text):
        return time(int(clock[1]), int(clock[2] or 0))
    return next((moment for words, moment in TOLD_PART if re.search(words, text)), None)
