"""Import: noise of copied documents is cleaned or told, the original words and their hash are kept."""

import hashlib

from knowledge_base.import_documents import LONGEST_PASSAGE, import_document, read_document

SPAM = "竞彩投注app,竞彩足球app"
BODY = "各单位应当在收到诉求后及时签收，并在规定时限内联系诉求人。"


def drafts(text: str):
    return import_document(text.encode(), "通知.txt").drafts


def test_the_original_and_its_hash_are_kept(tmp_path):
    file = tmp_path / "通知.txt"
    file.write_bytes(b"\xef\xbb\xbf" + f"一、總體要求\r\n{BODY}".encode())
    document = read_document(file)
    assert document.source == "通知.txt"
    assert document.original == f"一、總體要求\r\n{BODY}"
    assert document.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert document.drafts[0].original == f"一、總體要求\n{BODY}"


def test_traditional_script_and_pinyin_readings_are_folded():
    draft = drafts(
        "二、熱(re)線(xian)服務\n熱線受(shou)理(li)訴求的意見(jian)(jian)，統一受理企業和群眾的訴求。"
    )[0]
    assert draft.title == "二、热线服务"
    assert draft.answer_full.endswith("热线受理诉求的意见，统一受理企业和群众的诉求。")
    assert "熱(re)線" in draft.original
    assert draft.warnings == ()


def test_a_passage_with_planted_advertising_is_rejected_with_the_reason():
    document = import_document(f"一、背景\n{SPAM}、市政府高度重视。\n二、要求\n{BODY}".encode(), "x")
    assert [draft.title for draft in document.drafts] == ["二、要求"]
    assert "广告词" in document.rejected[0].reason
    assert SPAM in document.rejected[0].original


def test_a_citizens_word_about_such_an_app_is_no_advertising():
    assert drafts("市民反映被他人诱导在手机上购买彩票，损失两千元，希望有关部门核查。")


def test_misread_characters_and_tables_are_told():
    for damaged in ("各?。ㄗ灾區、直轄市應當及時公布辦理結果並接受監督。", BODY + "\ufffd"):
        assert "识别错误" in drafts(damaged)[0].warnings[0]
    assert (
        "表格" in drafts("1 | 企业注销登记 | ★市数据局 市市场监管局 |\n税务注销 | 市税务局 |")[0].warnings[0]
    )
    assert drafts("请问什么时候能办好?" + BODY)[0].warnings == ()


def test_passages_end_at_headings_and_never_grow_too_long():
    found = drafts("\n".join(["第一条 " + BODY, "（二）" + BODY, BODY * 100]))
    assert found[0].title.startswith("第一条各单位")
    assert found[1].title.startswith("（二）")
    assert all(len(draft.original) <= LONGEST_PASSAGE for draft in found)
    assert "".join(draft.original for draft in found).count("诉求人") == 102


def test_nothing_of_a_document_is_dropped_silently():
    text = f"短。\n一、要求\n{BODY}\n二、其他\n\n{SPAM}大力支持。"
    document = import_document(text.encode(), "x")
    kept = "".join(part.original for part in (*document.drafts, *document.rejected))
    assert sorted(kept.replace("\n", "")) == sorted(text.replace("\n", ""))


def test_bytes_that_are_no_text_and_an_empty_file_are_borne():
    assert import_document(b"", "x").drafts == ()
    assert import_document(BODY.encode("gb18030"), "x").sha256
