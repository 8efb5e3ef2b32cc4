"""What a desk would do next in which state, and who: a random walk takes it most of the time."""

from collections.abc import Mapping


def _next(written: str) -> tuple[tuple[str, str], ...]:
    return tuple((one.partition("@")[0], one.partition("@")[2]) for one in written.split())


NEXT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": _next("save_draft@agent1 register@agent1 register@agent1 answer_draft@agent2 transfer_draft@agent1"),
    "to_dispatch": _next(
        "answer_alarm@dispatcher1 send_out@dispatcher1 send_out@dispatcher2 send_out@supervisor1 ask_more@dispatcher1 "
        "send_out@dispatcher1 answer_alarm@dispatcher2 send_out@dispatcher2 answer@dispatcher2 send_out@dispatcher1 "
        "refuse@dispatcher1 send_out@supervisor1 transfer@agent1"
    ),
    "to_supplement": _next(
        "was_told_more@dispatcher1 say_more@ miss_call@agent1 miss_call@dispatcher1 miss_call@agent2 give_up@agent1"
    ),
    "to_sign": _next(
        "sign@handler helper_goes_on@ sign@handler ask_return@lead ask_change@dispatcher1 decide_change@supervisor1 "
        "set_level@dispatcher1"
    ),
    "return_pending": _next("decide_return@dispatcher1 call_meeting@supervisor1 rule@supervisor1"),
    "handling": _next(
        "contact@handler press@supervisor1 answer_reminder@handler reply@handler reply@lead ask_return@handler "
        "end_supervision@supervisor1 ask_grid@handler report_grid@grid1 ask_grid@dispatcher1 ask_extension@handler "
        "decide_extension@supervisor1 ask_suspension@handler decide_suspension@supervisor1 ask_suspension@lead "
        "decide_suspension@supervisor1 reply@handler ask_termination@lead decide_termination@supervisor1 "
        "ask_change@handler decide_change@supervisor1 ask_exemption@lead rung_comes@ "
        "add_helper@dispatcher1 helper_goes_on@ hand_down@handler helper_goes_on@ take_back@dispatcher2 "
        "helper_goes_on@ "
        "name_accused@dispatcher1 set_level@supervisor1 ask_unmasking@handler decide_unmasking@supervisor1 look@handler"
    ),
    "suspended": _next("contact@handler resume@lead next_date_comes@ next_date_comes@ resume@supervisor1"),
    "rehandling": _next(
        "contact@handler reply@handler ask_extension@lead decide_extension@supervisor1 ask_suspension@handler "
        "decide_suspension@supervisor1"
    ),
    "replied": _next(
        "submit@lead send_back@lead helper_goes_on@ submit@lead decide_extension@supervisor1 submit@lead submit@lead "
        "decide_termination@supervisor1"
    ),
    "to_check": _next(
        "pass_check@dispatcher1 pass_check@supervisor1 fail_check@dispatcher2 pass_check@dispatcher2 "
        "name_accused@dispatcher2"
    ),
    "to_callback": _next("call@callback1 call@callback2 close_unreached@callback1 call@callback1 call@callback2"),
    "to_evaluate": _next("review@ review@ review@ review@ urge@"),
    "closed": _next("reopen@ urge@ ask_exemption@handler decide_exemption@supervisor1"),
    "not_accepted": _next("contest@ contest@ urge@"),
    "transferred": _next("note_result@agent1 three_way@dispatcher1 come_back@dispatcher2"),
    "merged": _next("review@ urge@ acknowledge@supervisor1 review@ unmerge@dispatcher1"),
    "rectifying": _next("contact_reviewer@handler rectify@handler verify@callback1 rectify@lead verify@supervisor1"),
}
"""By state: what comes next, and whose it is; `handler` and `lead` are those of the unit that holds the ticket."""
