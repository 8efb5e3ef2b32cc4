"""Enterprise demands (企业诉求): for which enterprise somebody speaks, and whether its code can be right."""

from collections.abc import Mapping

from hotline.errors import BadInput
from hotline.models.requester_words import RequesterKind

TAG = "enterprise"
"""Marks the tickets of enterprises, for lists and figures."""
FIELDS = ("kind", "company", "credit_code")
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Of a 统一社会信用代码, each worth its place; the last of 18 is the check digit (GB 32100-2015, 附录 A)."""


def read_enterprise(form: Mapping[str, str]) -> dict[str, str]:
    """Kind, company and code of a form: whoever names a company speaks for it. Raises `BadInput` by field.

    The code may be left out: few know it by heart (default).
    """
    company, code = form.get("company", "").strip(), "".join(form.get("credit_code", "").upper().split())
    if form.get("kind") != RequesterKind.ENTERPRISE and not company and not code:
        return {"kind": RequesterKind.PERSON.value}
    problems = {} if company else {"company": "请填写企业名称。"}
    if code and not is_credit_code(code):
        problems["credit_code"] = "统一社会信用代码不正确，请核对18位代码，或留空。"
    if problems:
        raise BadInput(**problems)
    return {"kind": RequesterKind.ENTERPRISE.value, "company": company, "credit_code": code}


def is_credit_code(code: str) -> bool:
    """Whether the check digit fits: the places weigh 3⁰ … 3¹⁶, the sum with the digit is a multiple of 31."""
    if len(code) != 18 or not set(code) <= set(CHARACTERS):
        return False
    values = [CHARACTERS.index(one) for one in code]
    weighed = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return (weighed + values[17]) % 31 == 0
