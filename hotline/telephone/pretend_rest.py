"""The part of Twilio's REST interface the desk uses, served from the pretend network."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from hmac import compare_digest
from typing import Any
from xml.sax.saxutils import quoteattr

from flask import Blueprint, Response, abort, current_app, jsonify, request

from hotline.clock import now
from hotline.telephone.pretend_caller import Play, Step
from hotline.telephone.pretend_line import HungUp, Leg, Network, Party, Redirected, Room, new_sid

rest = Blueprint("rest", __name__, url_prefix="/2010-04-01/Accounts/<account>")
Answer = Response | tuple[Response, int] | tuple[str, int]


class Refused(Exception):
    """An error as Twilio words it: HTTP status, its own code, a message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def network() -> Network:
    """The network of this process."""
    return current_app.extensions["network"]


@rest.before_request
def check_credentials() -> None:
    """Basic authentication with the account's id and token."""
    given, wanted = request.authorization, current_app.extensions["settings"]
    named = (request.view_args or {}).get("account")
    known = given is not None and given.username == named == wanted.account_sid \
        and compare_digest(given.password or "", wanted.token)
    if not known:
        raise Refused(401, 20003, "Authenticate")


@rest.errorhandler(Refused)
def refuse(error: Refused) -> Answer:
    """Twilio's body of an error."""
    return jsonify(code=error.code, message=str(error), status=error.status,
                   more_info=f"https://www.twilio.com/docs/errors/{error.code}"), error.status


@rest.post("/Calls.json")
def create_call(account: str) -> Answer:
    """Ring somebody."""
    leg = _dial(Step(_wanted("Url")))
    return jsonify(call_json(account, leg)), 201


@rest.get("/Calls.json")
def list_calls(account: str) -> Answer:
    """Newest first, by `To` and `StartTime>`."""
    to, since = request.args.get("To"), request.args.get("StartTime>")
    found = [leg for leg in list(network().legs.values())
             if (not to or leg.to == to) and (not since or leg.started >= datetime.fromisoformat(since))]
    return _page("calls", [call_json(account, leg) for leg in reversed(found)])


@rest.get("/Calls/<sid>.json")
def show_call(account: str, sid: str) -> Answer:
    """One call."""
    return jsonify(call_json(account, _leg(sid)))


@rest.post("/Calls/<sid>.json")
def change_call(account: str, sid: str) -> Answer:
    """Send a call elsewhere with `Url`, or end it with `Status`."""
    leg = _leg(sid)
    if leg.ended:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    if request.form.get("Status") in {"completed", "canceled"}:
        ringing = leg.direction != "inbound" and not leg.picked_up
        network().give_order(leg, HungUp("canceled" if ringing else "completed"))
    else:
        network().give_order(leg, Redirected(_wanted("Url")))
    return jsonify(call_json(account, leg))


@rest.post("/Messages.json")
def create_message(account: str) -> Answer:
    """Take a message; it is kept for whoever looks at that phone."""
    message = {"sid": new_sid("SM"), "to": _wanted("To"), "from": _wanted("From"), "body": _wanted("Body"),
               "status": "queued"}
    network().messages.append(message)
    if report := request.form.get("StatusCallback"):
        network().notify(report, {"MessageSid": message["sid"], "MessageStatus": "delivered",
                                  "To": message["to"], "From": message["from"]})
    moment = format_datetime(now())
    return jsonify(message | {
        "account_sid": account, "api_version": "2010-04-01", "direction": "outbound-api", "num_segments": "1",
        "num_media": "0", "date_created": moment, "date_updated": moment, "date_sent": None,
        "error_code": None, "error_message": None, "messaging_service_sid": None,
        "price": None, "price_unit": None, "subresource_uris": {},
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{message['sid']}.json"}), 201


@rest.get("/Conferences.json")
def list_conferences(account: str) -> Answer:
    """By `FriendlyName` and `Status`."""
    name, status = request.args.get("FriendlyName"), request.args.get("Status")
    found = [room for room in list(network().rooms.values())
             if (not name or room.name == name) and (not status or room.status == status)]
    return _page("conferences", [room_json(account, room) for room in found])


@rest.post("/Conferences/<sid>.json")
def change_conference(account: str, sid: str) -> Answer:
    """End it with `Status`."""
    room = _room(sid)
    if request.form.get("Status") == "completed":
        network().end_room(room)
    return jsonify(room_json(account, room))


@rest.get("/Conferences/<sid>/Participants.json")
def list_participants(account: str, sid: str) -> Answer:
    """Who is in the room."""
    room = _room(sid)
    return _page("participants", [party_json(account, room, party) for party in room.parties.values()])


@rest.post("/Conferences/<sid>/Participants.json")
def create_participant(account: str, sid: str) -> Answer:
    """Ring somebody into the room: the same as a call whose first document dials it."""
    room = _room(sid)
    seat = "".join(f" {name}={quoteattr(request.form.get(field, default))}" for name, field, default in (
        ("participantLabel", "Label", ""), ("endConferenceOnExit", "EndConferenceOnExit", "false")))
    noun = f"<Conference{seat}>{room.name}</Conference>"
    leg = _dial(Step(document=f"<Response><Dial>{noun}</Dial></Response>"))
    party = Party(leg, request.form.get("Label", ""), ends_room=False, starts_room=True)
    return jsonify(party_json(account, room, party)), 201


@rest.post("/Conferences/<sid>/Participants/<call>.json")
def change_participant(account: str, sid: str, call: str) -> Answer:
    """Hold, mute, coach."""
    room = _room(sid)
    party = _party(room, call)
    given = request.form
    party.on_hold = given.get("Hold", str(party.on_hold)).lower() == "true"
    party.muted = given.get("Muted", str(party.muted)).lower() == "true"
    if given.get("Coaching", "").lower() == "true":
        party.coaches = _wanted("CallSidToCoach")
    if party.on_hold and given.get("HoldUrl"):
        network().hear(party.leg, "play", given["HoldUrl"])
    return jsonify(party_json(account, room, party))


@rest.delete("/Conferences/<sid>/Participants/<call>.json")
def delete_participant(account: str, sid: str, call: str) -> Answer:  # noqa: ARG001
    """Out of the room; the call goes on after its Dial."""
    room = _room(sid)
    network().leave(room, _party(room, call).leg)
    return "", 204


@rest.get("/Recordings/<sid>.wav")
def fetch_sound(account: str, sid: str) -> Answer:  # noqa: ARG001
    """The sound itself."""
    sound = network().sounds.get(sid) or abort(404)
    return Response(sound.wav, mimetype="audio/x-wav")


@rest.delete("/Recordings/<sid>.json")
def delete_sound(account: str, sid: str) -> Answer:  # noqa: ARG001
    """Forget a recording."""
    if network().sounds.pop(sid, None) is None:
        raise Refused(404, 20404, "The requested resource was not found")
    return "", 204


def call_json(account: str, leg: Leg) -> dict[str, Any]:
    """A Call as Twilio's OpenAPI document describes it."""
    moment = format_datetime(leg.started)
    return {"sid": leg.sid, "account_sid": account, "to": leg.to, "from": leg.from_, "status": leg.status,
            "direction": leg.direction, "api_version": "2010-04-01", "start_time": moment,
            "date_created": moment, "date_updated": moment, "end_time": None, "duration": None, "price": None,
            "price_unit": "USD", "answered_by": None, "caller_name": None, "forwarded_from": None,
            "group_sid": None, "parent_call_sid": None, "phone_number_sid": None, "annotation": None,
            "to_formatted": leg.to, "from_formatted": leg.from_, "trunk_sid": None, "queue_time": "0",
            "uri": f"/2010-04-01/Accounts/{account}/Calls/{leg.sid}.json", "subresource_uris": {}}


def room_json(account: str, room: Room) -> dict[str, Any]:
    """A Conference as Twilio's OpenAPI document describes it."""
    moment = format_datetime(room.created)
    return {"sid": room.sid, "account_sid": account, "friendly_name": room.name, "status": room.status,
            "api_version": "2010-04-01", "region": "us1", "date_created": moment, "date_updated": moment,
            "uri": f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}.json", "subresource_uris": {}}


def party_json(account: str, room: Room, party: Party) -> dict[str, Any]:
    """A Participant as Twilio's OpenAPI document describes it."""
    moment = format_datetime(party.leg.started)
    place = f"/2010-04-01/Accounts/{account}/Conferences/{room.sid}/Participants/{party.leg.sid}.json"
    return {"account_sid": account, "call_sid": party.leg.sid, "conference_sid": room.sid,
            "label": party.label, "muted": party.muted, "hold": party.on_hold,
            "coaching": bool(party.coaches), "call_sid_to_coach": party.coaches or None,
            "end_conference_on_exit": party.ends_room, "start_conference_on_enter": party.starts_room,
            "status": "connected", "queue_time": "0",
            "date_created": moment, "date_updated": moment, "uri": place}


def _dial(first: Step) -> Leg:
    given = request.form
    leg = Leg(new_sid("CA"), _wanted("From"), _wanted("To"), "outbound-api", given.get("StatusCallback", ""),
              frozenset(given.getlist("StatusCallbackEvent") or ["completed"]))
    network().legs[leg.sid] = leg
    Play(network(), leg, first, int(given.get("Timeout", "60"))).start()
    return leg


def _page(name: str, rows: list[Mapping[str, Any]]) -> Response:
    return jsonify({name: rows, "page": 0, "page_size": 50, "start": 0, "end": max(len(rows) - 1, 0),
                    "uri": request.path, "first_page_uri": request.path,
                    "next_page_uri": None, "previous_page_uri": None})


def _wanted(name: str) -> str:
    if not request.form.get(name):
        raise Refused(400, 21205 if name == "Url" else 21201, f"No '{name}' is specified")
    return request.form[name]


def _leg(sid: str) -> Leg:
    return _found(network().legs.get(sid))


def _room(sid: str) -> Room:
    return _found(network().rooms.get(sid))


def _party(room: Room, call: str) -> Party:
    return _found(room.parties.get(call))


def _found(thing: Any) -> Any:
    if thing is None:
        raise Refused(404, 20404, "The requested resource was not found")
    return thing
