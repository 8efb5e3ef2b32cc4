"""Example values of what forms ask besides: for whom somebody speaks, and what could not be got done."""

BESIDES = {
    "kinds": [("person", "个人"), ("enterprise", "企业")],
    "refused_fields": [("service_item", "办理事项"), ("refused", "未办成的原因")],
}
