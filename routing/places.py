"""Finds the district, street, community or estate a citizen names, by the city's gazetteer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import asin, cos, inf, radians, sin, sqrt
from pathlib import Path

from routing.csv_table import CellError, Line, read_table

# The narrower a place, the later it stands: an estate says more than the district around it.
KINDS = ("district", "road", "landmark", "street", "community", "estate")
COLUMNS = ("name", "kind", "area", "community", "aliases")
ON_THE_MAP = ("latitude", "longitude")
"""Degrees (WGS 84); a city without a map leaves both columns out."""
SPOTS = ("road", "landmark", "community", "estate")
"""Kinds narrow enough for two demands to be about the same thing there."""
POINTS = ("landmark", "estate")
"""Kinds whose coordinates tell where all of it lies; a road or a community runs on beyond them."""
EARTH = 6_371_000  # metres, mean radius
DISTRICT_DIGITS, STREET_DIGITS = 6, 9  # GB/T 2260 (counties) and GB/T 10114 (streets and towns)


@dataclass(frozen=True)
class GazetteerRow:
    """A named place: `area` is a 6-digit district or 9-digit street code, "" when it crosses districts."""

    name: str
    kind: str
    area: str
    community: str = ""
    aliases: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Place:
    """Where something is; every field but `name` is "" when the name alone does not tell it. `is_spot` says that the
    name stands for one narrow place, `point` (longitude, latitude) where that is."""

    area: str
    district: str
    street: str
    community: str
    name: str
    is_spot: bool = field(default=False, compare=False)
    point: tuple[float, float] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Gazetteer:
    """All named places of a city."""

    rows: tuple[GazetteerRow, ...]

    @cached_property
    def _by_name(self) -> dict[str, tuple[GazetteerRow, ...]]:
        named: dict[str, tuple[GazetteerRow, ...]] = {}
        for row in self.rows:
            for name in {row.name, *row.aliases}:
                named[name] = (*named.get(name, ()), row)
        return named

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        """How long names are, longest first, by their first character: most characters of a text begin none."""
        lengths: dict[str, set[int]] = {}
        for name in self._by_name:
            lengths.setdefault(name[:1], set()).add(len(name))
        return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    @cached_property
    def area_names(self) -> dict[str, str]:
        """Names of districts and streets by area code."""
        return {row.area: row.name for row in self.rows if row.kind in ("district", "street")}

    def find(self, text: str) -> Place | None:
        """The narrowest place named in the text, None when it names none.

        Longest match; a name borne by places in several districts is settled by the other places named,
        else its `area` stays "". Among equally narrow places the first named wins.
        """
        mentions = list(self._mentions(text))
        if not mentions:
            return None
        named_areas = tuple(rows[0].area for rows in mentions if len(rows) == 1 and rows[0].area)
        chosen = [agreeing(rows, named_areas) for rows in mentions]
        located = [row for row in chosen if row.area] or chosen
        return self._place(max(located, key=lambda row: KINDS.index(row.kind)), named_areas)

    def _mentions(self, text: str) -> Iterator[tuple[GazetteerRow, ...]]:
        end = 0
        for at, sign in enumerate(text):
            if at >= end and sign in self._lengths:
                names = (text[at : at + length] for length in self._lengths[sign])
                found = next((name for name in names if name in self._by_name), "")
                if found:
                    yield self._by_name[found]
                    end = at + len(found)

    def _place(self, row: GazetteerRow, named_areas: tuple[str, ...]) -> Place:
        area = max((area for area in named_areas if area.startswith(row.area)), key=len, default=row.area)
        if row.kind == "district":
            area = row.area
        district = self.area_names.get(area[:DISTRICT_DIGITS], "")
        street = self.area_names.get(area, "") if len(area) == STREET_DIGITS else ""
        east, north = row.longitude, row.latitude
        point = (east, north) if row.kind in POINTS and east is not None and north is not None else None
        return Place(area, district, street, row.community, row.name, row.kind in SPOTS, point)

    def near(self, name: str, area: str, metres: float) -> dict[str, int]:
        """The spots around the one of this name, with their distance in metres; itself first, with 0.

        Without coordinates the spot is alone; the area tells which of several of one name is meant.
        """
        rows = [row for row in self._by_name.get(name, ()) if _same_area(row.area, area)]
        spots = (row for row in self.rows if row.kind in SPOTS and row.name != name)
        around = ((metres_between(here, row), row.name) for here in rows[:1] for row in spots)
        return {name: 0} | {other: round(far) for far, other in sorted(around, reverse=True) if far <= metres}


def metres_between(one: GazetteerRow, other: GazetteerRow) -> float:
    """The distance on the globe, without end where one of them is on no map."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return inf
    here, there = radians(one.latitude), radians(other.latitude)
    east = radians(other.longitude - one.longitude)
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(east / 2) ** 2
    return 2 * EARTH * asin(sqrt(half))


def _same_area(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def agreeing(rows: tuple[GazetteerRow, ...], named_areas: tuple[str, ...]) -> GazetteerRow:
    """The one of several places of one name that lies in an area also named; without one, no area at all."""
    if len(rows) == 1:
        return rows[0]
    for row in rows:
        if any(row.area.startswith(area) or area.startswith(row.area) for area in named_areas):
            return row
    return GazetteerRow(rows[0].name, rows[0].kind, "")


def read_gazetteer(path: Path) -> Gazetteer:
    """The gazetteer from its CSV (name, kind, area, community, aliases by "|"; latitude and longitude if the city has
    them). Raises BadTable."""
    return Gazetteer(read_table(path, COLUMNS, gazetteer_row, ON_THE_MAP))


def gazetteer_row(line: Line) -> GazetteerRow:
    """One named place from one line of its table. Raises CellError."""
    kind, area = line.one_of("kind", KINDS), line.text("area")
    lengths = {"district": (DISTRICT_DIGITS,), "street": (STREET_DIGITS,)}.get(
        kind, (0, DISTRICT_DIGITS, STREET_DIGITS)
    )
    if len(area) not in lengths or (area and not area.isdigit()):
        raise CellError("area", f"“{area}”不是区县（6位）或街道（9位）代码")
    aliases = tuple(alias for alias in line.text("aliases").split("|") if alias)
    spot = line.degrees("latitude", 90), line.degrees("longitude", 180)
    if None in spot and spot != (None, None):
        raise CellError("latitude", "纬度和经度须同时填写")
    return GazetteerRow(line.needed("name"), kind, area, line.text("community"), aliases, *spot)
