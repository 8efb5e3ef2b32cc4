"""Outlines on the map: reads them as GeoJSON and says what lies within."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from routing.csv_table import CellError, Line

Point = tuple[float, float]
"""Longitude and latitude (WGS 84), in the order of GeoJSON."""
DIGITS = 6
"""Decimals of a degree that are kept: a hand's breadth."""
FEWEST = 4
"""Points of a closed ring (RFC 7946 §3.1.6)."""
NO_SHAPE = "应为GeoJSON的Polygon或MultiPolygon，也可留空"
NO_RING = f"边界的每一圈至少{FEWEST}个点，且首尾是同一点"
NO_POINT = "坐标应写作[经度, 纬度]，经度在前"


def read_outline(line: Line, column: str) -> str:
    """The outline in a cell of a table, in one spelling; "" when empty. Raises CellError."""
    if not line.text(column):
        return ""
    try:
        shape = json.loads(line.text(column))
        areas = [[list(ring) for ring in area] for area in areas_of(shape)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CellError(column, NO_SHAPE) from None
    try:
        read = [[[_point(one) for one in ring] for ring in area] for area in areas]
    except (ValueError, TypeError):
        raise CellError(column, NO_POINT) from None
    if not (read and all(read)) or any(len(ring) < FEWEST or ring[0] != ring[-1] for area in read for ring in area):
        raise CellError(column, NO_RING)
    return outline_words({"type": shape["type"], "coordinates": read if shape["type"] == "MultiPolygon" else read[0]})


def outline_words(shape: Mapping[str, Any]) -> str:
    """An outline as it stands in a table."""
    return json.dumps({name: shape[name] for name in ("type", "coordinates")}, separators=(",", ":"))


def areas_of(shape: Mapping[str, Any]) -> Sequence[Any]:
    """The areas of an outline: each its border and then its holes. Raises KeyError for another shape."""
    areas: Sequence[Any] = {"Polygon": [shape["coordinates"]], "MultiPolygon": shape["coordinates"]}[shape["type"]]
    return areas


def _point(written: Any) -> Point:
    east, north, *_ = written
    if not (abs(east) <= 180 and abs(north) <= 90):
        raise ValueError
    return round(float(east), DIGITS), round(float(north), DIGITS)


def holds(shape: Mapping[str, Any], point: Point) -> bool:
    """Whether a point lies within an outline or on a border of it; what lies in a hole does not."""
    return any(_within(area, point) for area in areas_of(shape))


def _within(area: Sequence[Sequence[Point]], point: Point) -> bool:
    """A line from the point to the east crosses the borders an odd number of times, from a hole an even number."""
    edges = [edge for ring in area for edge in pairwise(ring)]
    crossed = sum(_crosses(point, start, end) for start, end in edges)
    return crossed % 2 == 1 or any(_on(point, start, end) for start, end in edges)


def _crosses(point: Point, start: Point, end: Point) -> bool:
    beside = (start[1] > point[1]) != (end[1] > point[1])
    return beside and (_turn(point, start, end) > 0) == (end[1] > start[1])


def _on(point: Point, start: Point, end: Point) -> bool:
    between = all(min(ends) <= here <= max(ends) for here, *ends in zip(point, start, end, strict=True))
    return between and abs(_turn(point, start, end)) < 10 ** (-2 * DIGITS)


def _turn(point: Point, start: Point, end: Point) -> float:
    """Above 0 when the point is left of the way from start to end, 0 on it."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
