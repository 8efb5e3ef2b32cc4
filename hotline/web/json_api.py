"""The doors for machines: partners' demands, their look-up, and 110's signed messages; described by OpenAPI 3.1."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from flask import Response, g, jsonify, request
from flask_limiter.util import get_remote_address
from flask_openapi3 import APIBlueprint, Info, OpenAPI, validate_request

from hotline import clock
from hotline.channels import police_110, police_110_messages
from hotline.channels.partner import PartnerDemand, receive_partner_demand
from hotline.channels.partners import partner_by_key, signed_by
from hotline.database import transaction
from hotline.models.words import RequestType
from hotline.signing import SignedMessage
from hotline.tickets import find
from hotline.tickets.demand import Envelope
from hotline.tickets.extending import working_clock
from hotline.web import api_words as words
from hotline.web import tracked
from hotline.web.error_pages import Answer, say
from hotline.web.limits import API, LOOK_UP, limiter
from hotline.web.shown import unit_name

PREFIX = "/api/v1"
LARGEST_MESSAGE = 128 * 1024
"""Bytes; the longest 110 message in escaped JSON needs half of it."""
SECURITY: Any = {
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "signature": {
        "type": "apiKey", "in": "header", "name": "X-Signature",
        "description": "十六进制 HMAC-SHA256：时间戳、方法、路径、原始报文，以换行相连",
    },
    "timestamp": {
        "type": "apiKey", "in": "header", "name": "X-Timestamp",
        "description": "Unix 秒，与本平台相差不超过300秒",
    },
}  # fmt: skip
REFUSALS: Any = {str(status): words.Refusal for status in (400, 413, 422, 429, 503)}
KNOWN: Any = {"401": words.Refusal, "409": words.Refusal}

blueprint = APIBlueprint("json_api", __name__, url_prefix=PREFIX, abp_responses=REFUSALS)
blueprint.record_once(lambda setup: setattr(setup.app, "validation_error_callback", words.refuse))
View = Callable[..., Any]


@blueprint.before_request
def bound_size() -> None:
    """Nothing larger than a message can be is read at all."""
    request.max_content_length = LARGEST_MESSAGE


@blueprint.errorhandler(RecursionError)
def refuse_depth(_: RecursionError) -> Answer:
    """A body of a hundred thousand brackets."""
    return say(422, words.NO_OBJECT)


def sender() -> str:
    """Whose requests are counted together: a key's, else an address's."""
    return request.headers.get("X-API-Key", "")[:100] or get_remote_address()


def looked_up() -> str:
    """Wrong codes are counted by ticket and address."""
    return f"{get_remote_address()}:{request.path[-16:]}"


def with_key(view: View) -> View:
    """Only for a partner, who is known before anything else of the request is looked at."""

    @wraps(view)
    def checked(**values: Any) -> Any:
        g.platform = partner_by_key(request.headers.get("X-API-Key", "")).platform
        return view(**values)

    return checked


@blueprint.post("/demands", summary="提交诉求", security=[{"api_key": []}],
                responses={"201": words.DemandReceipt, **KNOWN})  # fmt: skip
@limiter.limit(API, key_func=sender)
@with_key
@validate_request()
def create_demand(header: words.DemandHeaders, body: words.SentDemand) -> tuple[Response, int]:
    """The same key and body again get the same answer; the same key with another body gets 409."""
    kind = RequestType(body.request_type) if body.request_type else None
    said = PartnerDemand(**body.model_dump(exclude={"request_type"}), request_type=kind)
    with transaction():
        envelope = Envelope(g.platform, header.idempotency_key, request.get_data())
        receipt = receive_partner_demand(said, envelope)
    return jsonify(ticket_no=str(receipt.ticket_no), query_code=receipt.query_code), 201


@blueprint.get("/tickets/<ticket_no>", summary="查询工单",
               responses={"200": words.PublicTicket, "404": words.Refusal})  # fmt: skip
@limiter.limit(LOOK_UP, key_func=looked_up, deduct_when=lambda answer: answer.status_code == 404)
@validate_request()
def show_ticket(path: words.TicketPath, query: words.TicketQuery) -> Response:
    """Public words only; the code is the proof."""
    ticket = find.by_code(int(path.ticket_no), query.code)
    running = working_clock(ticket)
    lines = [tracked.line(entry) for entry in tracked.public_entries(ticket.ticket_no)]
    return jsonify(
        ticket_no=str(ticket.ticket_no),
        state=ticket.state.value,
        department=unit_name(ticket.department_id),
        due_at=clock.in_city(running.due_at).isoformat() if running else None,
        history=[
            {"at": clock.in_city(line.at).isoformat(), "words": line.words, "department": line.who}
            for line in lines
        ],
    )


Receiver = Callable[[str, bytes], dict[str, str]]


def signed_door(path: str, summary: str, schema: dict[str, Any], receive: Receiver) -> None:
    """A door of 110: signature first, then the message; the answer is its confirmation."""

    def take_message() -> Response:
        parts = request.headers.get("X-Timestamp", ""), request.method, request.path, request.get_data()
        with transaction():
            platform = signed_by(SignedMessage(*parts, request.headers.get("X-Signature", "")))
            return jsonify(receive(platform, parts[-1]))

    take_message.__name__ = receive.__name__
    answers: Any = {str(status): words.Refusal for status in (403, 404, 409)}
    answers |= {"200": {"content": {"application/json": {"schema": words.CONFIRMATION}}}}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    blueprint.post(
        path.removeprefix(PREFIX), summary=summary, security=[{"signature": [], "timestamp": []}],
        responses=answers, openapi_extensions={"requestBody": body},
    )(limiter.limit(API)(take_message))  # fmt: skip


signed_door(police_110_messages.TRANSFERS_PATH, "110推送非警务警情", words.TRANSFER, police_110.receive_transfer)
signed_door(police_110_messages.RETURNS_PATH, "110退回我方推送的工单", words.RETURN, police_110.receive_return)
signed_door(police_110_messages.FEEDBACK_PATH, "110反馈我方推送的工单", words.FEEDBACK, police_110.receive_feedback)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, drawn once from the routes above."""
    book = OpenAPI(
        "hotline", info=Info(title="12345热线接口", version="1"), security_schemes=SECURITY, doc_ui=False
    )
    book.register_api(blueprint)
    return book.api_doc


@blueprint.get("/openapi.json", doc_ui=False)
def show_document() -> Response:
    """What this interface takes and answers."""
    return jsonify(document())
