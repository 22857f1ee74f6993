"""A damaged ChinaPay result is refused as a whole, and the refusal names the place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.bank_gateway.domain.bank_file import REASONS, SentBatch, Verdict
from tests.bank_gateway.chinapay_case import (
    MERCHANT,
    RESULT,
    RESULT_NAME,
    ROWS,
    SEND,
    TRAILER_LINE,
    golden,
    golden_batch,
    joined,
    judge,
    lines,
    place,
    refusal,
    results,
    resummed,
    summed,
    with_field,
)

LINES = lines()
TRAILER = LINES[-1]
BANK, DAY, KEY, STATUS, CODE, FLAG, CARD, AMOUNT, PURPOSE, PRIVATE = range(1, 11)


class TestFile:
    """reliability, bank files, file level."""

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            pytest.param(b"", ("empty_file", "file", None, None), id="no bytes"),
            pytest.param(joined(LINES[:-1]), ("trailer_missing", "file", 13, None), id="no trailer"),
            pytest.param(joined([*LINES[:-1], ""]), ("trailer_missing", "file", 13, None), id="blank trailer"),
            pytest.param(joined([TRAILER]), ("count_differs", "batch", 1, "count"), id="only a trailer"),
            pytest.param(joined([*LINES, TRAILER]), ("trailer_repeated", "file", 14, None), id="two trailers"),
            pytest.param(
                joined([*LINES[:5], TRAILER, *LINES[5:-1]]),
                ("rows_after_trailer", "file", 7, None),
                id="trailer among the rows",
            ),
            pytest.param(joined([*LINES, LINES[0]]), ("rows_after_trailer", "file", 14, None), id="row after trailer"),
            pytest.param(joined([TRAILER, *LINES[:-1]]), ("rows_after_trailer", "file", 2, None), id="trailer first"),
            pytest.param(RESULT[:500], ("truncated", "file", 6, None), id="cut in a line"),
            pytest.param(joined(LINES[:7])[:-1], ("truncated", "file", 7, None), id="cut just before a line end"),
            pytest.param(joined(LINES[:7]), ("trailer_missing", "file", 8, None), id="cut at a line border"),
            pytest.param(joined(LINES)[:-12], ("truncated", "file", 13, None), id="cut in the trailer"),
            pytest.param(
                RESULT[: RESULT.rindex(b"|") + 1],
                ("truncated", "file", 13, None),
                id="cut before the last field",
            ),
            pytest.param(b"0102|2026", ("truncated", "file", 1, None), id="cut in the first line"),
            pytest.param(RESULT + b"\x00", ("trailing_bytes", "file", 14, None), id="NUL at the end"),
            pytest.param(RESULT + b"\x1a", ("trailing_bytes", "file", 14, None), id="0x1A at the end"),
            pytest.param(RESULT + b"  ", ("trailing_bytes", "file", 14, None), id="blanks at the end"),
            pytest.param(RESULT + b"\n", ("trailing_bytes", "file", 14, None), id="blank line at the end"),
            pytest.param(RESULT + b"\n" * 90_000, ("trailing_bytes", "file", 14, None), id="90,000 of them"),
            pytest.param(RESULT[:-1] + b" ", ("trailing_bytes", "file", 13, None), id="blank after the trailer"),
            pytest.param(RESULT + b" " * 300_000, ("trailing_bytes", "file", 14, None), id="300 kB of blanks"),
            pytest.param(b" " * 300_000, ("trailing_bytes", "file", 1, None), id="nothing but blanks"),
            pytest.param(RESULT + b"END\n", ("trailing_bytes", "file", 14, None), id="a word after the trailer"),
            pytest.param(b"\xef\xbb\xbf" + RESULT, ("byte_order_mark", "file", 1, None), id="UTF-8 mark"),
            pytest.param(RESULT.decode("gbk").encode("utf-16"), ("byte_order_mark", "file", 1, None), id="UTF-16"),
            pytest.param(RESULT.decode("gbk").encode("utf-16-le"), ("encoding", "file", 1, None), id="UTF-16 unmarked"),
            pytest.param(b"PK\x03\x04" + RESULT, ("not_this_format", "file", 1, None), id="xlsx or zip"),
            pytest.param(b"\x1f\x8b\x08" + RESULT, ("not_this_format", "file", 1, None), id="gzip"),
            pytest.param(b"\r\n<!DOCTYPE html><title>login</title>\n", ("not_this_format", "file", 1, None), id="html"),
            pytest.param(b"Bad gateway\n", ("not_this_format", "file", 1, None), id="an error page"),
            pytest.param(SEND, ("not_this_format", "file", 1, None), id="a send file under this name"),
        ],
    )
    def test_bytes_that_are_not_what_they_claim_are_refused(self, content: bytes, expected: tuple[object, ...]) -> None:
        assert place(refusal(judge, content)) == expected

    def test_a_file_cut_in_the_middle_of_a_character_is_cut(self) -> None:
        cut = RESULT.index("億".encode("gbk")) + 1
        assert place(refusal(judge, RESULT[:cut])) == ("truncated", "file", 2, None)

    def test_utf8_instead_of_gbk_is_refused_before_its_text_is_misread(self) -> None:
        refused = refusal(judge, RESULT.decode("gbk").encode("utf-8"))
        assert (*place(refused)[:2], refused.value, refused.expected) == ("encoding", "file", "UTF-8", "GBK")

    def test_one_line_in_utf8_that_no_gbk_reader_can_decode_is_refused_at_its_line(self) -> None:
        texts = [text.encode("gbk") for text in LINES]
        texts[2] = LINES[2].encode("utf-8")
        assert place(refusal(judge, b"\n".join(texts) + b"\n"))[:3] == ("encoding", "file", 3)

    def test_one_line_in_utf8_that_a_gbk_reader_takes_for_other_text_is_refused_as_that(self) -> None:
        misread = "億東供热费费".encode()  # 18 bytes: nine GBK characters that nobody wrote
        texts = [text.replace("億東供热费2025-2026", "億東供热费费").encode("gbk") for text in lines(SEND)]
        came = [t.replace("億東供热费2025-2026", "億東供热费费").encode("gbk") for t in LINES]
        came[3] = came[3].replace("億東供热费费".encode("gbk"), misread)
        refused = refusal(judge, b"\n".join(came) + b"\n", send=b"\n".join(texts) + b"\n")
        assert place(refused) == ("encoding", "file", 4, "purpose")

    def test_a_character_of_gb18030_that_gbk_lacks_is_refused(self) -> None:
        content = RESULT.replace("供热费".encode("gbk"), "䶮热费".encode("gb18030"), 1)
        assert place(refusal(judge, content))[:3] == ("encoding", "file", 1)

    def test_an_endless_line_is_refused_without_being_read_to_its_end(self) -> None:
        content = joined(LINES[:3]) + b"0102|" + b"1" * 1_000_000
        assert place(refusal(judge, content)) == ("line_length", "row", 4, None)

    @pytest.mark.parametrize(
        "name",
        [
            f"{MERCHANT}_20260108_000007_Q.txt",
            f"{MERCHANT}_20260108_000007_P.TXT",
            f"{MERCHANT}_20260108_7_P.txt",
            f"{MERCHANT}_20260230_000007_P.txt",
            f"{MERCHANT[:-1]}_20260108_000007_P.txt",
            f"{MERCHANT}_20260108_０00007_P.txt",
            f"x{RESULT_NAME}",
            f"{RESULT_NAME}\n",
            f"..\\..\\{RESULT_NAME}",
            f"{MERCHANT}\0.txt",
            "CON",
            "结果.txt",
            "a" * 300,
            "",
        ],
    )
    def test_a_name_that_is_not_formed_as_agreed_is_refused(self, name: str) -> None:
        assert place(refusal(judge, name=name))[:2] == ("name_pattern", "file")

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("last", [True, False])
    def test_any_line_end_is_taken_and_the_last_may_be_missing(self, line_end: str, last: bool) -> None:
        content = joined(LINES, line_end)
        content = content if last else content[: -len(line_end)]
        assert judge(content).totals.told() == golden(RESULT_NAME)["totals"]

    def test_mixed_line_ends_are_taken_and_counted_as_lines(self) -> None:
        ends = ["\n", "\r\n", "\r"] * 5
        mixed = "".join(text + end for text, end in zip(LINES, ends, strict=False)).encode("gbk")
        assert judge(mixed).totals.told() == golden(RESULT_NAME)["totals"]
        damaged = mixed.replace(b"|200001|", b"|200_01|")
        assert place(refusal(judge, damaged)) == ("field_format", "row", 8, "amount")


class TestBatch:
    """reliability, bank files, batch level."""

    def test_a_result_of_a_batch_that_was_never_sent_is_refused(self) -> None:
        other = replace(golden_batch(), batch_no="000008")
        assert place(refusal(judge, batch=other)) == ("batch_unknown", "batch", None, None)

    def test_a_result_of_last_year_is_of_another_batch(self) -> None:
        refused = refusal(judge, name=RESULT_NAME.replace("2026", "2025"))
        assert place(refused)[0] == "batch_unknown"

    def test_a_result_of_another_merchant_is_refused(self) -> None:
        refused = refusal(judge, name=RESULT_NAME.replace(MERCHANT, "900000000009999"))
        assert place(refused) == ("wrong_party", "batch", None, "merchant")
        assert (refused.value, refused.expected) == ("900000000009999", MERCHANT)

    @pytest.mark.parametrize(("state", "reason"), [("cancelled", "batch_cancelled"), ("closed", "batch_closed")])
    def test_a_batch_that_is_no_longer_open_takes_no_result(self, state: str, reason: str) -> None:
        batch: SentBatch = replace(golden_batch(), state=state)  # type: ignore[arg-type]
        assert place(refusal(judge, batch=batch)) == (reason, "batch", None, None)

    @pytest.mark.parametrize(
        ("field", "by", "reason", "name"),
        [
            (1, 1, "count_differs", "count"),
            (2, 100, "amount_differs", "amount"),
            (3, -1, "success_count_differs", "success_count"),
            (4, -1, "success_amount_differs", "success_amount"),
        ],
    )
    def test_declared_totals_must_be_those_of_the_rows(self, field: int, by: int, reason: str, name: str) -> None:
        own = TRAILER.split("|")[field - 1]
        refused = refusal(judge, with_field(TRAILER_LINE, field, str(int(own) + by)))
        assert place(refused) == (reason, "batch", TRAILER_LINE, name)
        assert (refused.value, refused.expected) == (str(int(own) + by), own)

    def test_status_1001_with_another_code_is_not_counted_as_success(self) -> None:
        content = with_field(2, CODE, "51")
        assert place(refusal(judge, content)) == (
            "success_count_differs",
            "batch",
            TRAILER_LINE,
            "success_count",
        )

    def test_a_result_that_stays_open_is_not_counted_as_success(self) -> None:
        content = with_field(2, STATUS, "1002")
        assert place(refusal(judge, content))[0] == "success_count_differs"

    @pytest.mark.parametrize("value", ["", "12.0", "012", "-12", "1,2", "１２"])
    def test_a_trailer_that_cannot_be_read_is_a_fault_of_the_batch(self, value: str) -> None:
        refused = refusal(judge, with_field(TRAILER_LINE, 1, value))
        assert place(refused) == ("field_format", "batch", TRAILER_LINE, "count")

    def test_a_trailer_of_another_width_is_a_fault_of_the_batch(self) -> None:
        content = joined([*LINES[:-1], TRAILER + "|0"])
        assert place(refusal(judge, content)) == ("field_count", "batch", TRAILER_LINE, None)


class TestRow:
    """reliability, bank files, row level."""

    @pytest.mark.parametrize("line", [1, ROWS])
    def test_an_item_that_was_not_sent_is_named_before_the_one_it_replaces(self, line: int) -> None:
        refused = refusal(judge, with_field(line, KEY, "2026010899999999"))
        assert place(refused) == ("item_unknown", "row", line, "order_no")
        assert refused.value == "2026010899999999"

    def test_an_item_that_is_not_listed_is_named(self) -> None:
        refused = refusal(judge, summed(LINES[:4] + LINES[5:-1]))
        assert place(refused) == ("item_missing", "row", None, "order_no")
        assert refused.expected == "2026010870000005"

    def test_the_last_item_is_missed_too(self) -> None:
        assert refusal(judge, summed(LINES[:-2])).expected == "2026010870000012"

    def test_an_item_twice_with_one_result_is_refused_at_its_second_line(self) -> None:
        refused = refusal(judge, summed([*LINES[:3], LINES[2], *LINES[3:-1]]))
        assert place(refused) == ("item_repeated", "row", 4, "order_no")

    def test_an_item_once_good_and_once_failed_is_refused(self) -> None:
        other = LINES[0].replace("|1001|00|", "|1002|51|")
        assert place(refusal(judge, summed([*LINES[:-1], other]))) == ("item_repeated", "row", 13, "order_no")

    @pytest.mark.parametrize("amount", ["112", "114", "11300", "0"])
    def test_an_amount_that_was_not_sent_is_refused_and_told_in_yuan(self, amount: str) -> None:
        refused = refusal(judge, resummed(with_field(4, AMOUNT, amount)))
        assert place(refused) == ("item_amount_differs", "row", 4, "amount")
        assert (refused.value, refused.expected) == (f"{int(amount) / 100:.2f}", "1.13")

    def test_two_amounts_that_compensate_are_seen(self) -> None:
        content = resummed(with_field(5, AMOUNT, "233037", with_field(2, AMOUNT, "30")))
        assert content.endswith(TRAILER.encode() + b"\n")
        assert place(refusal(judge, content)) == ("item_amount_differs", "row", 2, "amount")

    def test_two_rows_that_swapped_their_keys_are_seen(self) -> None:
        first, second = LINES[0].split("|"), LINES[1].split("|")
        first[KEY - 1], second[KEY - 1] = second[KEY - 1], first[KEY - 1]
        content = joined(["|".join(first), "|".join(second), *LINES[2:]])
        assert place(refusal(judge, content)) == ("item_account_differs", "row", 1, "card_no")

    @pytest.mark.parametrize(
        "amount",
        [
            "-113",
            "+113",
            " 113",
            "113 ",
            "1,13",
            "1.13",
            "1E2",
            "0113",
            "１１３",
            "",
            "1_13",
            "113元",
            "9" * 14,
        ],
    )
    def test_an_amount_in_another_form_is_refused_where_it_stands(self, amount: str) -> None:
        refused = refusal(judge, with_field(4, AMOUNT, amount))
        assert place(refused) == ("field_format", "row", 4, "amount")
        assert (refused.value, refused.column) == (amount, LINES[3].index("|113|") + 2)

    @pytest.mark.parametrize("code", ["", "Q7", "0", "000", "00 ", "０0", "ok", "05"])
    def test_a_code_that_the_agreement_does_not_list_is_refused(self, code: str) -> None:
        refused = refusal(judge, with_field(4, CODE, code))
        assert place(refused) == ("result_code_unknown", "row", 4, "response_code")
        assert refused.value == code

    def test_a_status_that_the_agreement_does_not_list_is_refused(self) -> None:
        assert place(refusal(judge, with_field(4, STATUS, "1003"))) == (
            "result_code_unknown", "row", 4, "status",
        )  # fmt: skip

    @pytest.mark.parametrize(
        "account", ["0006299000000000000004", "000629900****0000003", "6299000000000000003", "6.299E+18"]
    )
    def test_an_account_that_is_not_the_one_sent_is_refused(self, account: str) -> None:
        refused = refusal(judge, with_field(4, CARD, account))
        assert place(refused) == ("item_account_differs", "row", 4, "card_no")
        assert (refused.value, refused.expected) == (account, "0006299000000000000003")

    @pytest.mark.parametrize(
        ("field", "value", "name"),
        [
            (BANK, "0109", "bank_code"),
            (FLAG, "0", "card_flag"),
            (PURPOSE, "水费", "purpose"),
            (PRIVATE, "0799999999", "private"),
        ],
    )
    def test_whatever_should_come_back_and_does_not_is_refused(self, field: int, value: str, name: str) -> None:
        assert place(refusal(judge, with_field(4, field, value))) == ("item_field_differs", "row", 4, name)

    def test_blanks_at_the_end_of_a_text_are_no_difference(self) -> None:
        content = with_field(4, PURPOSE, "億東供热费2025-2026  \u3000")
        assert judge(content).totals.told() == golden(RESULT_NAME)["totals"]

    @pytest.mark.parametrize(
        ("field", "value", "name"),
        [
            (BANK, "12", "bank_code"),
            (BANK, "01O2", "bank_code"),
            (KEY, "202601087000004", "order_no"),
            (DAY, "20260230", "trade_date"),
            (DAY, "00000000", "trade_date"),
            (DAY, "2026-1-8", "trade_date"),
            (FLAG, "2", "card_flag"),
            (PURPOSE, "供\t热", "purpose"),
            (PURPOSE, "供\x00热", "purpose"),
            (PURPOSE, "供\x1a热", "purpose"),
            (PURPOSE, "费" * 121, "purpose"),
            (PRIVATE, "07\x7f", "private"),
        ],
    )
    def test_a_field_in_another_form_is_refused(self, field: int, value: str, name: str) -> None:
        assert place(refusal(judge, with_field(4, field, value))) == ("field_format", "row", 4, name)

    @pytest.mark.parametrize("day", ["20260109", "20250108"])
    def test_a_row_of_another_day_than_the_batch_is_refused(self, day: str) -> None:
        refused = refusal(judge, with_field(4, DAY, day))
        assert place(refused) == ("date_differs", "row", 4, "trade_date")
        assert (refused.value, refused.expected) == (day, "20260108")

    @pytest.mark.parametrize(("old", "new", "found"), [("|113|", "|113||", "11"), ("|113|", "113|", "9")])
    def test_a_field_too_many_or_too_few_is_refused(self, old: str, new: str, found: str) -> None:
        texts = [*LINES]
        texts[3] = texts[3].replace(old, new)
        refused = refusal(judge, joined(texts))
        assert place(refused) == ("field_count", "row", 4, None)
        assert (refused.value, refused.expected) == (found, "10")

    def test_one_field_too_many_and_one_too_few_do_not_make_up_for_each_other(self) -> None:
        texts = [*LINES]
        texts[3], texts[4] = texts[3] + "|x", texts[4].rpartition("|")[0]
        assert place(refusal(judge, joined(texts)))[:3] == ("field_count", "row", 4)

    @pytest.mark.parametrize("line", [0, 5])
    def test_a_blank_line_is_no_row(self, line: int) -> None:
        refused = refusal(judge, joined([*LINES[:line], "", *LINES[line:]]))
        assert refused.reason in {"not_this_format", "field_count"}
        assert refused.line == line + 1

    def test_the_first_of_several_faults_is_named(self) -> None:
        content = with_field(9, KEY, "x", with_field(6, AMOUNT, "x", with_field(7, BANK, "x")))
        assert place(refusal(judge, content)) == ("field_format", "row", 6, "amount")

    def test_rows_in_another_order_than_sent_are_taken(self) -> None:
        rows = LINES[:-1]
        told = results(joined([*rows[6:], *reversed(rows[:6]), TRAILER]))
        assert sorted(told, key=lambda result: result.key) == results()

    def test_two_items_alike_but_for_their_key_are_told_apart(self) -> None:
        twins = [lines(SEND)[1], lines(SEND)[1].replace("70000001", "70000002")]
        send = joined([f"{MERCHANT}|000007|2|2", *twins])
        good, failed = LINES[0], LINES[0].replace("70000001", "70000002").replace("|1001|00|", "|1002|51|")
        told = results(summed([failed, good]), send=send)
        assert [(result.key[-1], result.outcome) for result in told] == [("2", "failed"), ("1", "succeeded")]

    def test_text_that_a_spreadsheet_would_run_is_only_text(self) -> None:
        formula = "=cmd!A1"
        send = SEND.replace("供热费".encode("gbk"), formula.encode(), 1)
        assert judge(with_field(1, PURPOSE, formula), send=send).totals.count("succeeded") == 4

    def test_an_item_decided_by_an_earlier_file_keeps_its_result(self) -> None:
        earlier = {
            "2026010870000003": Verdict("succeeded", "ok"),
            "2026010870000001": Verdict("unknown", "unknown"),
        }
        refused = refusal(judge, decided=earlier)
        assert place(refused) == ("item_contradicts", "row", 3, "order_no")
        assert (refused.value, refused.expected) == ("account_invalid", "ok")


def test_every_refusal_tells_reason_place_and_remedy() -> None:
    refused = refusal(judge, with_field(4, AMOUNT, "1,13"))
    assert (refused.code, refused.facts["reason"]) == ("field_format", "field_format")
    assert str(refused).startswith(f"{RESULT_NAME}, line 4, field amount: ")
    assert "'1,13'" in str(refused)
    assert refused.remedy


def test_a_refusal_does_not_repeat_a_page_of_foreign_text() -> None:
    assert len(refusal(judge, with_field(4, PURPOSE, "费" * 5000)).value or "") < 130


def test_every_reason_has_a_usual_level_and_a_sentence() -> None:
    for level, sentence in REASONS.values():
        assert level in {"file", "batch", "row"}
        assert sentence
