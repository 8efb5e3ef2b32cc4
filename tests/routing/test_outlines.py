"""An outline holds what lies within it or on its border, and nothing that lies in a hole."""

import json

import pytest

from routing.csv_table import CellError, Line
from routing.outlines import holds, outline_words, read_outline


def square(west, south, size):
    """A closed ring of four sides."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


HOLED = {"type": "Polygon", "coordinates": [square(125, 30, 0.01), square(125.004, 30.004, 0.002)]}
APART = {"type": "MultiPolygon", "coordinates": [HOLED["coordinates"], [square(126, 31, 0.01)]]}
DENT = [[125, 30], [125.01, 30], [125.01, 30.01], [125.005, 30.005], [125, 30.01], [125, 30]]
DENTED = {"type": "Polygon", "coordinates": [DENT]}


@pytest.mark.parametrize(
    ("shape", "point", "held"),
    [
        (HOLED, (125.001, 30.005), True),
        (HOLED, (125.005, 30.005), False),
        (HOLED, (125.004, 30.005), True),
        (HOLED, (125.0, 30.005), True),
        (HOLED, (125.01, 30.01), True),
        (HOLED, (124.999999, 30.005), False),
        (HOLED, (125.003, 30.010001), False),
        (HOLED, (124.9, 30.01), False),
        (HOLED, (126.005, 31.005), False),
        (APART, (126.005, 31.005), True),
        (APART, (125.005, 30.005), False),
        (APART, (125.5, 30.5), False),
        (DENTED, (125.005, 30.004999), True),
        (DENTED, (125.0025, 30.0075), True),
        (DENTED, (125.005, 30.005001), False),
        (DENTED, (125.001, 30.005), True),
    ],
)
def test_what_lies_within(shape, point, held):
    assert holds(shape, point) is held
    turned = {"type": shape["type"], "coordinates": reverse(shape["coordinates"])}
    assert holds(turned, point) is held, "rings may run either way"


def reverse(rings):
    """The same rings, running the other way."""
    if isinstance(rings[0][0], list):
        return [reverse(one) for one in rings]
    return rings[::-1]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{", "GeoJSON"),
        ("[]", "GeoJSON"),
        ("[" * 20_000, "GeoJSON"),
        ('{"type":"Point","coordinates":[125,30]}', "GeoJSON"),
        ('{"type":["Polygon"],"coordinates":[]}', "GeoJSON"),
        ('{"type":"Polygon","coordinates":[]}', "每一圈"),
        ('{"type":"MultiPolygon","coordinates":[[]]}', "每一圈"),
        (json.dumps({"type": "Polygon", "coordinates": [DENT[:-1]]}), "每一圈"),
        (json.dumps({"type": "Polygon", "coordinates": [DENT[:2] + DENT[:1]]}), "每一圈"),
        (json.dumps({"type": "Polygon", "coordinates": [[one[::-1] for one in DENT]]}), "经度在前"),
        ('{"type":"Polygon","coordinates":[[[NaN,30],[1,2],[3,4],[NaN,30]]]}', "经度在前"),
        ('{"type":"Polygon","coordinates":[[["a",30],[1,2],[3,4],["a",30]]]}', "经度在前"),
    ],
)
def test_what_is_no_outline_is_refused_with_a_reason(written, words):
    with pytest.raises(CellError, match=words):
        read_outline(Line(2, {"polygon": written}), "polygon")


def test_an_outline_is_written_in_one_spelling():
    ring = [[125, 30, 7], [125.01, 30.00000004], [125.01, 30.01], [125, 30]]
    loose = {"bbox": [], "coordinates": [ring], "type": "Polygon"}
    said = read_outline(Line(2, {"polygon": json.dumps(loose, indent=1)}), "polygon")
    assert said == '{"type":"Polygon","coordinates":[[[125.0,30.0],[125.01,30.0],[125.01,30.01],[125.0,30.0]]]}'
    assert outline_words(json.loads(said)) == said
    assert read_outline(Line(2, {"polygon": ""}), "polygon") == ""
