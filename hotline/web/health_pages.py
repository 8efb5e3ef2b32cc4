"""GET /livez and /healthz: whether this process and the database, or the whole desk, live."""

from flask import Blueprint, Response, jsonify

from hotline import health

blueprint = Blueprint("health_pages", __name__)


@blueprint.get("/livez")
def livez() -> tuple[Response, int]:
    """For balancers."""
    return _told(health.livez())


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    """For people and monitors; holds no name and no number of a ticket."""
    return _told(health.healthz())


def _told(found: health.Health) -> tuple[Response, int]:
    facts, status = found
    answer = jsonify(facts)
    answer.headers["Cache-Control"] = "no-store"
    return answer, status
