"""Finds what Twilio would stumble over in TwiML: its library's grammar, and rules no grammar has."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

GRAMMAR = json.loads(Path(__file__).with_name("twiml_grammar.json").read_text(encoding="utf-8"))["elements"]
QUEUE_VERBS = {"Say", "Play", "Pause", "Gather", "Redirect", "Leave", "Hangup"}
ENDS_THE_DOCUMENT = {"Redirect", "Hangup", "Leave", "Reject"}
URL_ATTRIBUTES = re.compile(r"(action|[uU]rl|[cC]allback)$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PERSONAL = re.compile(r"(?<!\w)(1[3-9]\d{9}|\d{17}[\dXx])(?!\w)|[\u4e00-\u9fff]|%[Ee][4-9]")


def faults(document: str, *, in_queue: bool = False) -> list[str]:
    """One sentence a fault, none for a good document. `in_queue`: it answers an Enqueue's waitUrl."""
    if len(document.encode()) > 64 * 1024:
        return ["document over 64 KB"]
    try:
        root = ET.fromstring(document)
    except ET.ParseError as broken:
        return [f"not XML: {broken}"]
    if root.tag != "Response":
        return [f"root is {root.tag}, not Response"]
    return [*_grammar(root), *_order(root, in_queue), *_rules(root)]


def _grammar(element: ET.Element) -> Iterator[str]:
    known = GRAMMAR[element.tag]
    for name, value in element.attrib.items():
        if name not in known["attributes"]:
            yield f"{element.tag} has no attribute {name}"
        elif wrong := _wrong_value(known["attributes"][name], value):
            yield f"{element.tag} {name}: {wrong}"
    for child in element:
        if child.tag not in known["children"]:
            yield f"{child.tag} may not stand in {element.tag}"
        else:
            yield from _grammar(child)


def _wrong_value(kind: str | list[str] | dict[str, list[str]], value: str) -> str | None:
    if kind == "boolean":
        return None if value in {"true", "false"} else f"{value} is not true or false"
    if kind == "number":
        return None if value.isdigit() else f"{value} is not a number"
    allowed, words = (kind["words"], value.split()) if isinstance(kind, dict) else (kind, [value])
    if isinstance(allowed, str):
        return None
    return next((f"{word} is not one of the known words" for word in words if word not in allowed), None)


def _order(root: ET.Element, in_queue: bool) -> Iterator[str]:
    verbs = list(root)
    if verbs and verbs[0].tag == "Pause":
        yield "a document that begins with Pause leaves the call unanswered"
    for verb, following in pairwise(verbs):
        if verb.tag in ENDS_THE_DOCUMENT or (verb.tag in {"Enqueue", "Dial"} and verb.get("action")) \
                or verb.get("actionOnEmptyResult") == "true":
            yield f"{following.tag} after {verb.tag} is never reached"
    if in_queue:
        yield from (f"{verb.tag} may not answer a waitUrl" for verb in verbs if verb.tag not in QUEUE_VERBS)


def _rules(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        yield from _addresses(element)
        text = element.text or ""
        if element.tag in {"Gather", "Record", "Enqueue"} and not element.get("action"):
            yield f"{element.tag} without action asks the same document again"
        if element.tag == "Say":
            yield from _speech(element, text)
        if element.get("recordingStatusCallback") \
                and "absent" not in element.get("recordingStatusCallbackEvent", "").split():
            yield f"{element.tag} does not subscribe to absent recordings"
        if element.tag == "Conference" and PERSONAL.search(text):
            yield "a conference name must hold no personal data"
        if element.tag == "Redirect" and not _absolute(text):
            yield "Redirect needs an absolute address"


def _addresses(element: ET.Element) -> Iterator[str]:
    for name, value in element.attrib.items():
        if URL_ATTRIBUTES.search(name) and not (name == "waitUrl" and value == ""):
            if not _absolute(value):
                yield f"{element.tag} {name} needs an absolute address"
            elif PERSONAL.search(value):
                yield f"{element.tag} {name} holds personal data"


def _absolute(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _speech(say: ET.Element, text: str) -> Iterator[str]:
    if not text.strip():
        yield "Say with nothing to say"
    if len(text) > 4096:
        yield "Say over 4096 characters"
    if CHINESE.search(text):
        if not re.match(r"cmn|zh|yue", say.get("language", "")):
            yield "Chinese words need a Chinese language"
        if not re.search(r"Zhiyu|Hiujin|cmn|yue", say.get("voice", "")):
            yield "Chinese words need a Chinese voice"
