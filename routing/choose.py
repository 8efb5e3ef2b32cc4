"""Chooses who leads a demand, and says in one Chinese sentence why."""

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.normalise import excerpt, normalise
from routing.case import Case, DutyRow, MatterGuess, Route
from routing.day_span import told_time
from routing.duty_list import DutyList, Situation, row_area
from routing.places import Gazetteer, Place

MOST_ROUTES = 3
CO_UNIT_SHARE = 0.3
"""How much of a matter's probability speaks for a unit that only helps (default): enough to be proposed behind the
lead, never to be sent to alone."""


@dataclass(frozen=True)
class Hit:
    """A guess whose duty row names a unit; `share` is 1 for the lead, less for a co-unit."""

    guess: MatterGuess
    row: DutyRow
    area: str
    share: float

    @property
    def weight(self) -> float:
        return self.share * self.guess.probability


def choose_department(case: Case, duty_list: DutyList, gazetteer: Gazetteer) -> tuple[Route, ...]:
    """The units the duty list names for the classifier's guesses, likeliest first, at most three.

    A unit's probability is the sum over the matters that lead to it: two matters in doubt may leave no doubt
    about the unit. () when no guess has a duty row: the dispatcher decides (spine.md, "Numbers that win";
    domain.md §5.3).
    """
    text = normalise(excerpt(case.text))
    place = find_place(case, gazetteer)
    at = told_time(text) or case.at
    hits: dict[str, list[Hit]] = {}
    for guess in case.guesses:
        situation = Situation(guess.matter_code, place.area if place else "", text, case.on, at)
        row = duty_list.best_row(situation)
        if row is not None:
            hits.setdefault(row.lead, []).append(Hit(guess, row, situation.area, 1))
            for unit in row.co_units:
                hits.setdefault(unit, []).append(Hit(guess, row, situation.area, CO_UNIT_SHARE))
    routes = [route_to(unit, found, place, duty_list) for unit, found in hits.items()]
    return tuple(sorted(routes, key=lambda route: -route.probability)[:MOST_ROUTES])


def route_to(unit: str, hits: Sequence[Hit], place: Place | None, duty_list: DutyList) -> Route:
    """One unit with all that speaks for it, explained by the strongest."""
    best = max(hits, key=lambda hit: hit.weight)
    sure = min(sum(hit.weight for hit in hits), 1.0)
    helpers = best.row.co_units if best.share == 1 else (best.row.lead,)
    matter = told_words(best, duty_list) + summed(unit, best, sure, duty_list)
    reason = f"{matter}；{explain(best.row, place, duty_list)}"
    return Route(
        unit, helpers, best.row, best.area, best.guess.matter_code, sure, best.guess.evidence, reason
    )  # fmt: skip


def find_place(case: Case, gazetteer: Gazetteer) -> Place | None:
    """The place told: a spot that the address names, else what address and text name within the address's area."""
    return located(case.place, case.text, gazetteer)


def located(address: str, text: str, gazetteer: Gazetteer) -> Place | None:
    """As `find_place`; a text may name where its teller lives, so it never leaves the area the address tells."""
    told = gazetteer.find(normalise(address))
    if told and told.area and told.is_spot:
        return told
    found = gazetteer.find(normalise(f"{address} {excerpt(text)}"))
    area = told.area if told else ""
    return found if found and found.area.startswith(area) else told


def told_words(hit: Hit, duty_list: DutyList) -> str:
    """Which words speak for which matter, and how surely."""
    words = "".join(f"“{word}”" for word in hit.guess.evidence)
    matter = f"“{duty_list.name(hit.guess.matter_code)}”（{sureness(hit.guess.probability)}）"
    return f"文中{words}指向{matter}" if words else f"事项判为{matter}"


def summed(unit: str, best: Hit, sure: float, duty_list: DutyList) -> str:
    """How sure the unit is, when that is not how sure its likeliest matter is: it is the sum that decides."""
    if sureness(sure) == sureness(best.guess.probability):
        return ""
    if best.share < 1:
        return f"，“{duty_list.name(unit)}”只是协办，把握计为{sureness(sure)}"
    return f"，连同该单位的其他可能事项，把握合计{sureness(sure)}"


def explain(row: DutyRow, place: Place | None, duty_list: DutyList) -> str:
    """Which area, which duty row, on what legal basis."""
    return f"{place_words(place)}；{row_words(row, row_place(row, place), duty_list)}"


def row_words(row: DutyRow, area_name: str, duty_list: DutyList) -> str:
    """Which duty row, for which area, who leads and who helps by it, on what legal basis."""
    units = f"由“{duty_list.name(row.lead)}”主办"
    if row.co_units:
        units += "，" + "、".join(duty_list.name(code) for code in row.co_units) + "协办"
    conditions = row_conditions(row, area_name, duty_list)
    return f"按确责清单第{row.id}行（{conditions}）{units}；依据：{row.basis}。"


def sureness(probability: float) -> str:
    """A probability as people say it: never a flat 0 % or 100 %, which no model can promise."""
    if probability < 0.01:
        return "不足1%"
    return "99%以上" if probability > 0.99 else f"{probability:.0%}"


def place_words(place: Place | None) -> str:
    """What the place told about the area."""
    if place is None:
        return "未识别出地点，按全市处理"
    if not place.area:
        return f"地点“{place.name}”不能确定属于哪个区县，按全市处理"
    if place.name == place.district:
        return f"地点在{place.district}"
    return f"地点“{place.name}”属{place.district}" + (place.street if place.street != place.name else "")


def row_place(row: DutyRow, place: Place | None) -> str:
    """The area a row is for, by the names of the place that fits it."""
    area = row_area(row)
    if place and area:
        return place.district if len(area) == 6 else place.district + place.street
    return area or "全市"


def row_conditions(row: DutyRow, area_name: str, duty_list: DutyList) -> str:
    """What a row asks for, in words: matter, area, object and time; and whether it is a direct channel."""
    parts = [duty_list.name(row.matter_code), area_name]
    parts += [f"含“{row.object.replace('|', '”或“')}”"] if row.object else []
    parts += [row.time] if row.time else []
    parts += ["直通车"] if row.direct else []
    return "，".join(parts)
