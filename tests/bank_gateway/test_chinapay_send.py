"""The debit file: what is written, what is refused before that, and how strictly another's is read."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from services.bank_gateway.domain.bank_file import SentItem
from services.bank_gateway.domain.send_file import ItemUnwritable, unwritable, write_send
from services.bank_gateway.domain.send_file import read_send as items_of
from services.bank_gateway.formats.chinapay import FORMAT
from tests.bank_gateway.chinapay_case import (
    LINES_OF_SEND,
    MERCHANT,
    RESULT,
    SEND,
    SEND_NAME,
    golden_batch,
    golden_items,
    joined,
    one_item,
    place,
    read_send,
    refusal,
    with_field,
)

DAY, KEY, BANK, FLAG, CARD, NAME, ID_TYPE, ID, AMOUNT, PURPOSE, PRIVATE = range(1, 12)


def written(items: list[SentItem]) -> bytes:
    out = io.BytesIO()
    batch = replace(golden_batch(), count=len(items), amount_fen=sum(item.amount_fen for item in items))
    write_send(batch=batch, items=iter(items), out=out, bank_format=FORMAT)
    return out.getvalue()


class TestWriting:
    @pytest.mark.parametrize("character", ["東", "億", "弢", "誠", "倈", "·", "(", "\u3000", "〇"])
    def test_characters_whose_second_byte_is_a_separator_or_backslash_survive(self, character: str) -> None:
        item = one_item(holder=f"王{character}二", purpose=f"{character}")
        _, items = items_of(name=SEND_NAME, content=io.BytesIO(written([item])), parameters={}, bank_format=FORMAT)
        assert list(items) == [item]

    def test_every_character_that_gbk_has_survives(self) -> None:
        able = [chr(code) for code in range(0x20, 0x10000) if _in_gbk(chr(code)) and chr(code) not in "|\x7f"]
        names = ["".join(able[start : start + 100]) for start in range(0, len(able), 100)]
        items = [one_item(key=f"{n:016d}", holder=name) for n, name in enumerate(names)]
        assert len(able) > 20_000
        _, read = items_of(name=SEND_NAME, content=io.BytesIO(written(items)), parameters={}, bank_format=FORMAT)
        assert [item.holder for item in read] == names

    @pytest.mark.parametrize(
        ("changes", "field", "wrong"),
        [
            ({"holder": "王䶮"}, "name", "䶮"),
            ({"holder": "𠮷野"}, "name", "𠮷"),
            ({"holder": "㛃"}, "name", "㛃"),
            ({"holder": "𬭎€"}, "name", "€𬭎"),
            ({"holder": "王•二"}, "name", "•"),
            ({"holder": "王\u00a0二"}, "name", "\u00a0"),
            ({"holder": "\ufeff王二"}, "name", "\ufeff"),
            ({"holder": "王\ud800"}, "name", "\ud800"),
            ({"holder": "王|二"}, "name", "|"),
            ({"holder": "王\n二"}, "name", ""),
            ({"holder": "王\r二"}, "name", ""),
            ({"holder": "王\t二"}, "name", ""),
            ({"holder": "王\x00"}, "name", ""),
            ({"holder": ""}, "name", ""),
            ({"holder": "王" * 121}, "name", ""),
            ({"bank_account": "6" * 26}, "card_no", ""),
            ({"bank_account": ""}, "card_no", ""),
            ({"bank_account": "6.299E+18"}, "card_no", ""),
            ({"bank_account": "'6299"}, "card_no", ""),
            ({"bank_account": "6299 0001"}, "card_no", ""),
            ({"bank_account": "６２９９"}, "card_no", ""),
            ({"key": "202601087000001"}, "order_no", ""),
            ({"bank_code": "102"}, "bank_code", ""),
            ({"card_flag": ""}, "card_flag", ""),
            ({"id_type": "02"}, "id_type", ""),
            ({"amount_fen": 0}, "amount", ""),
            ({"amount_fen": -1}, "amount", ""),
            ({"amount_fen": 10**13}, "amount", ""),
            ({"account_no": ""}, "private", ""),
            ({"purpose": "水|电"}, "purpose", "|"),
        ],
    )
    def test_an_item_that_the_file_cannot_carry_is_refused_before_it_is_written(
        self, changes: dict[str, object], field: str, wrong: str
    ) -> None:
        item = one_item(**changes)
        refused = unwritable(item, bank_format=FORMAT)
        assert refused is not None
        assert (refused.facts["field"], refused.facts["wrong"], refused.facts["key"]) == (
            field,
            wrong,
            item.key,
        )
        with pytest.raises(ItemUnwritable):
            written([item])

    def test_the_item_at_fault_is_named_among_many(self) -> None:
        items = [one_item(key=f"{n:016d}") for n in range(1200)]
        items[1100] = replace(items[1100], holder="王䶮")
        with pytest.raises(ItemUnwritable) as caught:
            written(items)
        assert caught.value.facts["key"] == "0000000000001100"

    def test_an_item_that_can_be_written_is_not_refused(self) -> None:
        assert [unwritable(item, bank_format=FORMAT) for item in golden_items()] == [None] * 12

    def test_items_that_do_not_add_up_to_the_head_are_a_defect(self) -> None:
        with pytest.raises(ValueError, match="head: 12 of"):
            write_send(batch=golden_batch(), items=golden_items()[1:], out=io.BytesIO(), bank_format=FORMAT)

    def test_amounts_are_whole_fen_without_leading_zeros(self) -> None:
        rows = written([one_item(amount_fen=29), one_item(amount_fen=233038)]).decode("gbk").splitlines()
        assert [row.split("|")[AMOUNT - 1] for row in rows[1:]] == ["29", "233038"]


class TestReading:
    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("last", [True, False])
    def test_any_line_end_is_taken(self, line_end: str, last: bool) -> None:
        content = joined(LINES_OF_SEND, line_end)
        assert read_send(content if last else content[: -len(line_end)]) == golden_batch()

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            pytest.param(b"", ("empty_file", "file", None, None), id="no bytes"),
            pytest.param(joined(LINES_OF_SEND[:1]), ("count_differs", "batch", 1, "count"), id="only a head"),
            pytest.param(joined(LINES_OF_SEND[:9]), ("count_differs", "batch", 1, "count"), id="cut at a line"),
            pytest.param(SEND[:600], ("truncated", "file", 7, None), id="cut in a line"),
            pytest.param(SEND[:20], ("truncated", "file", 1, None), id="cut in the head"),
            pytest.param(joined(LINES_OF_SEND[1:]), ("not_this_format", "file", 1, None), id="no head"),
            pytest.param(RESULT, ("not_this_format", "file", 1, None), id="a result under this name"),
            pytest.param(SEND + b"\x1a", ("trailing_bytes", "file", 14, None), id="0x1A at the end"),
            pytest.param(SEND + b"\n", ("trailing_bytes", "file", 14, None), id="blank line at the end"),
            pytest.param(SEND.decode("gbk").encode("utf-8"), ("encoding", "file", 2, None), id="UTF-8 instead of GBK"),
            pytest.param(
                with_field(1, 1, "900000000009999", SEND),
                ("head_differs", "batch", 1, "merchant"),
                id="merchant",
            ),
            pytest.param(with_field(1, 2, "000008", SEND), ("head_differs", "batch", 1, "batch"), id="batch"),
            pytest.param(with_field(1, 3, "13", SEND), ("count_differs", "batch", 1, "count"), id="count"),
            pytest.param(with_field(1, 4, "224284085", SEND), ("amount_differs", "batch", 1, "amount"), id="sum"),
            pytest.param(with_field(1, 4, "2242840.84", SEND), ("field_format", "batch", 1, "amount"), id="yuan"),
            pytest.param(with_field(5, DAY, "20260109", SEND), ("date_differs", "row", 5, "trade_date"), id="day"),
            pytest.param(with_field(5, DAY, "20260230", SEND), ("field_format", "row", 5, "trade_date"), id="no day"),
            pytest.param(
                with_field(5, KEY, "2026010870000001", SEND),
                ("item_repeated", "row", 5, "order_no"),
                id="key twice",
            ),
            pytest.param(with_field(5, AMOUNT, "0", SEND), ("field_format", "row", 5, "amount"), id="nothing"),
            pytest.param(with_field(5, NAME, "", SEND), ("field_format", "row", 5, "name"), id="no name"),
            pytest.param(with_field(5, NAME, "李|四", SEND), ("field_count", "row", 5, None), id="separator in name"),
            pytest.param(with_field(5, CARD, "6.2E+18", SEND), ("field_format", "row", 5, "card_no"), id="float"),
            pytest.param(with_field(5, PRIVATE, "", SEND), ("field_format", "row", 5, "private"), id="no account"),
        ],
    )
    def test_a_send_file_with_a_fault_is_refused_at_its_place(
        self, content: bytes, expected: tuple[object, ...]
    ) -> None:
        assert place(refusal(read_send, content)) == expected

    def test_a_batch_without_items_is_none(self) -> None:
        refused = refusal(read_send, joined([f"{MERCHANT}|000007|0|0"]))
        assert (refused.reason, refused.expected) == ("count_differs", "1 or more")

    def test_a_key_is_seen_twice_however_far_apart(self) -> None:
        rows = LINES_OF_SEND[1:]
        twice = [*rows[::-1], rows[3]]
        total = 224284084 + 113
        content = joined([f"{MERCHANT}|000007|13|{total}", *twice])
        assert place(refusal(read_send, content)) == ("item_repeated", "row", 14, "order_no")

    def test_items_in_any_order_are_taken(self) -> None:
        assert read_send(joined([LINES_OF_SEND[0], *LINES_OF_SEND[:0:-1]])) == golden_batch()

    def test_the_file_of_another_merchant_is_refused(self) -> None:
        assert place(refusal(read_send, merchant="900000000009999")) == (
            "wrong_party", "batch", None, "merchant",
        )  # fmt: skip

    @pytest.mark.parametrize("name", ["x.txt", SEND_NAME.replace("_Q", "_P"), SEND_NAME.replace("0108", "1308")])
    def test_a_name_that_is_not_formed_as_agreed_is_refused(self, name: str) -> None:
        assert refusal(read_send, name=name).reason == "name_pattern"


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
