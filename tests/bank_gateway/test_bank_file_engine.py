"""The engine under every cut of the bytes, with any damage, in any order, with flat memory."""

from __future__ import annotations

import io
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from services.bank_gateway.domain import text_lines
from services.bank_gateway.domain.bank_file import FileRefusal, Totals
from services.bank_gateway.domain.delimited import Delimited
from services.bank_gateway.domain.record import Line, Rows
from services.bank_gateway.domain.result_file import ResultReader
from services.bank_gateway.domain.send_file import (
    SendReader,
    echo_texts,
    item_rows,
    sent_items,
    write_send,
)
from services.bank_gateway.domain.sent_book import SentBook, differing
from services.bank_gateway.domain.text_lines import is_chinese_in_utf8, line_blocks
from services.bank_gateway.formats.chinapay import FORMAT
from tests.bank_gateway.chinapay_case import (
    RESULT,
    RESULT_NAME,
    SEND,
    SEND_NAME,
    golden,
    golden_batch,
    golden_items,
    joined,
    judge,
    lines,
    place,
    refusal,
    results,
    summed,
    with_field,
)


def read(content: bytes) -> tuple[list[Rows], Totals]:
    identity = FORMAT.answer.identify(RESULT_NAME, parameters={})
    reader = ResultReader(identity=identity, content=io.BytesIO(content), bank_format=FORMAT)
    return [judged.rows for judged in reader], reader.totals


@pytest.fixture(params=[1, 2, 3, 7, 50, 90, 91, 1000])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    size: int = request.param
    monkeypatch.setattr(text_lines, "BLOCK_BYTES", size)
    return size


@pytest.mark.usefixtures("small_blocks")
class TestAnyCut:
    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_blocks_are_whole_lines_in_order_and_the_last_is_apart(self, line_end: str) -> None:
        content = joined(lines(), line_end)
        blocks = list(line_blocks(io.BytesIO(content), encoding="gbk", file="f"))
        assert b"".join(block.data for block in blocks) == RESULT
        assert [block.last for block in blocks] == [False] * (len(blocks) - 1) + [True]
        told = 1
        for block in blocks:
            assert block.first_line == told
            told += block.data.count(b"\n")

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_the_result_is_the_same(self, line_end: str) -> None:
        content = joined(lines(), line_end)
        assert judge(content).totals.told() == golden(RESULT_NAME)["totals"]
        assert results(content[: -len(line_end)]) == results()

    def test_faults_are_named_at_the_same_place(self) -> None:
        assert place(refusal(judge, with_field(7, 8, "1,1"))) == ("field_format", "row", 7, "amount")
        texts = lines()
        assert place(refusal(judge, joined([*texts, texts[-1]]))) == ("trailer_repeated", "file", 14, None)
        assert place(refusal(judge, RESULT + b"\n")) == ("trailing_bytes", "file", 14, None)
        assert place(refusal(judge, joined(texts[:-1]))) == ("trailer_missing", "file", 13, None)
        assert place(refusal(judge, RESULT[:500])) == ("truncated", "file", 6, None)
        cut = RESULT.index("億".encode("gbk")) + 1
        assert place(refusal(judge, RESULT[:cut])) == ("truncated", "file", 2, None)


def test_any_cut_of_the_file_is_refused_but_the_last_line_end() -> None:
    assert judge(RESULT[:-1]).totals.told() == golden(RESULT_NAME)["totals"]
    for length in range(len(RESULT) - 1):
        assert refusal(judge, RESULT[:length]).file == RESULT_NAME


def test_any_damage_is_refused_or_changes_nothing_that_counts() -> None:
    """Reading is total: accepted means that all agree with what was sent, everything else is a refusal."""
    chance, sound = random.Random(20260108), results()
    alphabet = b"|\n\r\x00\x1a 0123456789,.-+eE\x81\xb5\xff"
    accepted = 0
    for _ in range(4000):
        content = bytearray(RESULT)
        for _ in range(chance.choice((1, 1, 2, 5))):
            start = chance.randrange(len(content))
            what = chance.choice(("set", "insert", "delete", "swap", "copy"))
            if what == "set":
                content[start] = chance.choice(alphabet)
            elif what == "insert":
                content.insert(start, chance.choice(alphabet))
            elif what == "delete":
                del content[start : start + chance.choice((1, 2, 90))]
            elif what == "copy":
                content[start:start] = content[start : start + 94]
            else:
                end = chance.randrange(len(content))
                content[start], content[end] = content[end], content[start]
        try:
            told = results(bytes(content))
        except FileRefusal:
            continue
        accepted += 1
        assert [(r.key, r.collected_fen, r.outcome) for r in told] == [
            (r.key, r.collected_fen, r.outcome) for r in sound
        ]
    assert 0 < accepted < 400


def test_what_is_read_is_written_byte_by_byte() -> None:
    layout, shape = FORMAT.layout, FORMAT.answer
    written = b""
    for part in layout.read(io.BytesIO(RESULT), shape=shape, file=RESULT_NAME):
        columns = [[value] for value in part.texts] if isinstance(part, Line) else part.columns
        written += layout.written(part.record, columns)
    assert written == RESULT


def test_lines_are_cut_into_columns_only_when_each_has_its_fields() -> None:
    layout = Delimited("gbk", "|")
    assert layout.cut("a|b\nc|d\n", width=2) == [["a", "c"], ["b", "d"]]
    assert layout.cut("a|b|c\nd\n", width=2) is None
    assert layout.cut("a|b\nc\n", width=2) is None
    assert layout.cut("\n", width=2) is None


def test_a_separator_inside_a_field_is_never_written() -> None:
    with pytest.raises(ValueError, match="contains the separator"):
        FORMAT.layout.written(FORMAT.answer.detail, [["a|b"], *[["x"]] * 9])


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("供热费".encode(), True),
        ("买买提·艾力".encode(), True),
        ("供热费".encode("gbk"), False),
        (b"plain", False),
        ("é".encode(), False),
    ],
)
def test_chinese_in_utf8_is_told_from_chinese_in_gbk(written: bytes, answer: bool) -> None:
    assert is_chinese_in_utf8(written) is answer


def test_the_words_of_a_difference_are_there_for_a_database_too() -> None:
    item = golden_items()[3]
    sent = echo_texts(item, bank_format=FORMAT)
    assert FORMAT.echoes[:2] == ("bank_account", "amount_fen")
    assert differing(sent, sent, bank_format=FORMAT, file="f", line=4) is None
    refused = differing(sent, [sent[0], "112", *sent[2:]], bank_format=FORMAT, file="f", line=4)
    assert refused is not None
    assert (refused.reason, refused.value, refused.expected) == ("item_amount_differs", "1.12", "1.13")


def test_rows_can_be_staged_with_line_and_values() -> None:
    staged: list[tuple[object, ...]] = []
    judge(stage=lambda rows: staged.extend(rows.staged(FORMAT.echoes)))
    assert len(staged) == 12
    first = dict(zip(FORMAT.echoes, staged[5][5:], strict=True))
    assert staged[5][:5] == (6, "2026010870000006", "failed", "insufficient", "51")
    assert first["amount_fen"] == 99999999
    assert first["account_no"] == "0700000005"


class TestSentBook:
    def test_items_may_come_from_memory(self) -> None:
        rows = item_rows(golden_items(), batch=golden_batch(), bank_format=FORMAT)
        book = SentBook([rows], bank_format=FORMAT)
        for judged in read(RESULT)[0]:
            book.tick_off(judged, file=RESULT_NAME)
        book.refuse_missing(file=RESULT_NAME)

    @pytest.mark.usefixtures("small_blocks")
    def test_any_order_is_ticked_off(self) -> None:
        rows, chance = lines()[:-1], random.Random(7)
        for _ in range(5):
            chance.shuffle(rows)
            assert len(results(joined([*rows, lines()[-1]]))) == 12

    @pytest.mark.usefixtures("small_blocks")
    def test_repeated_is_told_from_unknown_in_any_order(self) -> None:
        rows = lines()[:-1]
        shuffled = [rows[4], rows[0], rows[4], *rows[5:], rows[1], rows[2]]
        assert place(refusal(judge, summed(shuffled))) == ("item_repeated", "row", 3, "order_no")
        stranger = rows[3].replace("2026010870000004", "2026010970000004")
        assert place(refusal(judge, summed([rows[4], stranger]))) == ("item_unknown", "row", 2, "order_no")


class _Generated(io.RawIOBase):
    """A file that is made while it is read, so that only the reader's memory counts."""

    def __init__(self, lines_total: int) -> None:
        self._lines_total = lines_total
        self.seek(0)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._parts, self._rest = self._made(), b""
        return 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (part := next(self._parts, b"")):
            self._rest += part
        told, self._rest = self._rest[:size], self._rest[size:]
        return told

    def _made(self) -> Iterator[bytes]:
        row = "0102|20260108|%016d|1001|00|0|6299%015d|100|供热费|%010d\n"
        for n in range(0, self._lines_total, 500):
            yield "".join(row % (k, k, k) for k in range(n, n + 500)).encode("gbk")
        total = self._lines_total
        yield f"{total}|{total * 100}|{total}|{total * 100}\n".encode()


@pytest.mark.parametrize("lines_total", [10_000, 40_000])
def test_memory_does_not_grow_with_the_number_of_lines(lines_total: int) -> None:
    identity = FORMAT.answer.identify(RESULT_NAME, parameters={})
    content = _Generated(lines_total)
    tracemalloc.start()
    reader = ResultReader(identity=identity, content=content, bank_format=FORMAT)  # type: ignore[arg-type]
    rows = sum(len(judged.keys) for judged in reader)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == lines_total
    assert peak < 3_000_000


def test_a_send_file_is_written_and_read_as_it_streams() -> None:
    reader = SendReader(name=SEND_NAME, content=io.BytesIO(SEND), parameters={}, bank_format=FORMAT)
    out = io.BytesIO()
    write_send(
        batch=golden_batch(),
        items=(item for rows in reader for item in sent_items(rows)),
        out=out,
        bank_format=FORMAT,
    )
    assert out.getvalue() == SEND
    assert reader.batch == golden_batch()
    assert reader.keys_ascend
