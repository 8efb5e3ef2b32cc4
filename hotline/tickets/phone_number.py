"""Reads a phone number as people write it, into the one form that is hashed and compared."""

import re
import unicodedata

import phonenumbers

from hotline.errors import BadInput

WRONG = "电话号码不正确，请填写11位手机号，或带区号的座机，境外号码请以“+”开头。"
NO_DIGITS = re.compile(r"[\s\-()（）.·]")
SHORT = re.compile(r"\d{3,6}")


def read_phone(written: str, *, needed: bool = False) -> str:
    """The number in one form: E.164 for what can be dialled, the digits alone for short numbers.

    Empty stays empty unless `needed`. Raises `BadInput` for anything that is no number.
    """
    text = NO_DIGITS.sub("", unicodedata.normalize("NFKC", written or ""))
    if not text:
        if needed:
            raise BadInput(phone="请填写联系电话。")
        return ""
    number = carrier_number(text)
    if number is None or SHORT.fullmatch(number):
        raise BadInput(phone=WRONG)
    return number


def carrier_number(text: str) -> str | None:
    """A caller's number as a carrier gives it; short numbers such as 12345 stay, nonsense becomes None."""
    if SHORT.fullmatch(text):
        return text
    if not re.fullmatch(r"\+?\d{5,16}", text):
        return None
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(number: str) -> str:
    """As people in China read it: without +86."""
    national = number.removeprefix("+86")
    return national if len(national) == 11 and national.startswith("1") else number.replace("+86", "0", 1)
