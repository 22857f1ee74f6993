"""Ledgers as delimited text: encodings, line ends, quotation marks, headings, and files that are none."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from services.accounts.domain.ledger_columns import HEADINGS
from services.accounts.domain.ledger_file import FILE_REASONS, LedgerFileRefused
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.formats.ledger import Ledger, read_ledger
from services.accounts.formats.ledger_csv import LINE_CHARACTERS_MAX, RECORD_LINES_MAX
from tests.accounts.ledger_files import a_row, csv_text, write_csv

NAME = "𠮷昞·阿不都拉"
"""The first two cannot be written in GBK, one of them needs four bytes in GB18030."""


def outcomes(path: Path) -> list[LedgerRow | Fault]:
    return list(read_ledger(path))


def names(path: Path) -> list[str]:
    rows = outcomes(path)
    assert all(isinstance(row, LedgerRow) for row in rows), rows
    return [row.name for row in rows if isinstance(row, LedgerRow)]


def refused(path: Path) -> LedgerFileRefused:
    with pytest.raises(LedgerFileRefused) as caught:
        outcomes(path)
    assert caught.value.code in FILE_REASONS
    assert caught.value.remedy
    assert caught.value.facts["file"] == path.name
    return caught.value


def raw(folder: Path, content: bytes) -> Path:
    path = folder / "ledger.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_both_encodings_and_all_line_ends_read_alike(tmp_path: Path, encoding: str, end: str) -> None:
    path = write_csv(tmp_path, a_row(1, 姓名=NAME), a_row(2), encoding=encoding, end=end)
    assert names(path) == [NAME, "王秀英"]


def test_a_byte_order_mark_in_gb18030_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    path = raw(tmp_path, ("\ufeff" + csv_text(a_row(1, 姓名=NAME))).encode("gb18030"))
    assert names(path) == [NAME]


def test_mixed_line_ends_and_a_last_line_without_one_are_taken(tmp_path: Path) -> None:
    text = csv_text(a_row(1), a_row(2), a_row(3), end="\n").replace("\n", "\r\n", 2).rstrip("\n")
    assert len(outcomes(raw(tmp_path, text.encode()))) == 3


def test_columns_are_found_by_their_heading_in_any_order(tmp_path: Path) -> None:
    order = tuple(reversed(HEADINGS))
    assert names(write_csv(tmp_path, a_row(1, 姓名=NAME), headings=order)) == [NAME]


def test_a_heading_may_have_blanks_and_quotes_around_it(tmp_path: Path) -> None:
    text = csv_text(a_row()).replace("姓名,", '"姓名\u3000",', 1).replace("户号", " 户号", 1)
    assert names(raw(tmp_path, ("\ufeff" + text).encode())) == ["王秀英"]


def test_a_quoted_line_break_counts_as_a_line_but_not_as_a_row(tmp_path: Path) -> None:
    path = write_csv(tmp_path, a_row(1, 备注="一\r\n二\n三"), a_row(2, 建筑面积="0"), a_row(3))
    first, second, third = outcomes(path)
    assert isinstance(first, LedgerRow)
    assert first.remark == "一\r\n二\n三"
    assert [(found.row, found.line) for found in (first, second, third)] == [(2, 2), (3, 5), (4, 6)]


def test_lines_without_content_are_counted_and_passed_over(tmp_path: Path) -> None:
    lines = csv_text(a_row(1), a_row(2)).split("\r\n")
    text = "\r\n".join([lines[0], lines[1], "", "," * 28, lines[2], "", ""])
    assert [found.row for found in outcomes(raw(tmp_path, text.encode()))] == [2, 5]


def test_columns_that_nobody_knows_are_read_over_and_named(tmp_path: Path) -> None:
    order = ("序号", *HEADINGS, "", "录入员")
    path = write_csv(tmp_path, {**a_row(), "序号": "1", "": "", "录入员": "x"}, headings=order)
    with Ledger(path) as ledger:
        assert (ledger.format, ledger.unknown_headings) == ("csv", ("序号", "", "录入员"))
        assert len(list(ledger.judged())) == 1


def test_a_missing_heading_is_named(tmp_path: Path) -> None:
    order = [heading for heading in HEADINGS if heading not in ("备注", "楼层")]
    found = refused(write_csv(tmp_path, a_row(), headings=order))
    assert (found.code, found.facts["missing"]) == ("heading_missing", "楼层、备注")


def test_a_misspelt_heading_is_a_missing_one(tmp_path: Path) -> None:
    found = refused(raw(tmp_path, csv_text(a_row()).replace("手机号", "手机", 1).encode()))
    assert (found.code, found.facts["missing"]) == ("heading_missing", "手机号")
    assert "手机、" in found.facts["found"]


def test_a_heading_that_stands_there_twice_is_named(tmp_path: Path) -> None:
    found = refused(write_csv(tmp_path, a_row(), headings=(*HEADINGS, "户号")))
    assert (found.code, found.facts["repeated"]) == ("heading_repeated", "户号")


def test_a_file_without_headings_is_refused(tmp_path: Path) -> None:
    text = csv_text(a_row(1), a_row(2)).split("\r\n", 1)[1]
    assert refused(raw(tmp_path, text.encode())).code == "heading_missing"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        ("\ufeff".encode(), "empty_file"),
        (csv_text().encode(), "no_rows"),
        (csv_text(("",) * 29, ("",)).encode(), "no_rows"),
        (b"<!DOCTYPE html><html><body>login</body></html>", "not_a_ledger"),
        (b"\xef\xbb\xbf\r\n<html>", "not_a_ledger"),
        (b'{"error": 401}', "not_a_ledger"),
        (b"%PDF-1.7\n", "not_a_ledger"),
        (b"\x1f\x8b\x08\x00rest", "not_a_ledger"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "not_a_ledger"),
        (b"PK\x05\x06" + b"\x00" * 18, "not_a_ledger"),
        (csv_text(a_row()).encode("utf-16"), "encoding"),
        (csv_text(a_row()).encode("utf-16-le"), "nul_bytes"),
    ],
)
def test_what_is_no_ledger_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(raw(tmp_path, content)).code == code


def test_nul_bytes_are_told_with_their_offset(tmp_path: Path) -> None:
    content = csv_text(a_row()).encode()
    found = refused(raw(tmp_path, content + b"\x00\x00"))
    assert (found.code, found.facts["offset"]) == ("nul_bytes", len(content))


def test_bytes_of_neither_encoding_are_told_with_their_offset(tmp_path: Path) -> None:
    content = csv_text(*(a_row(number) for number in range(1, 3000))).encode("gb18030")
    found = refused(raw(tmp_path, content[:400_000] + b"\xff\xff" + content[400_000:]))
    assert found.code == "encoding"
    assert abs(found.facts["offset"] - 400_000) <= 1


def test_utf8_with_one_damaged_byte_is_not_read_as_something_else(tmp_path: Path) -> None:
    content = csv_text(*(a_row(number) for number in range(1, 50))).encode()
    cut = content.rindex("王秀英".encode()) + 1
    found = refused(raw(tmp_path, content[:cut] + b"\x20" + content[cut + 1 :]))
    assert found.code == "encoding"
    assert found.facts["utf8_fails_at"] == cut - 1


def test_a_byte_order_mark_is_believed(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + csv_text(a_row()).encode("gb18030")
    found = refused(raw(tmp_path, content))
    assert (found.code, found.facts["offset"]) == ("encoding", 3)


def test_a_file_cut_in_the_middle_of_a_character_is_refused(tmp_path: Path) -> None:
    content = csv_text(a_row(备注="老人独居")).encode("gb18030").rstrip(b"\r\n")
    assert refused(raw(tmp_path, content[:-1])).code == "encoding"


def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(tmp_path: Path) -> None:
    lines = csv_text(*(a_row(number, 备注="") for number in range(1, 9))).split("\r\n")
    lines[3] += '"门上贴有'
    found = refused(raw(tmp_path, "\r\n".join(lines).encode()))
    assert (found.code, found.facts["line"]) == ("quote_unclosed", 4)


def test_a_quotation_mark_does_not_swallow_a_large_file(tmp_path: Path) -> None:
    lines = csv_text(*(a_row(number, 备注="") for number in range(1, RECORD_LINES_MAX * 2))).split("\r\n")
    lines[3] += '"门上贴有'
    found = refused(raw(tmp_path, "\r\n".join(lines).encode()))
    assert (found.code, found.facts["line"]) == ("quote_unclosed", 4)


def test_something_behind_a_closing_quotation_mark_is_told_with_its_line(tmp_path: Path) -> None:
    lines = csv_text(a_row(1, 备注="一\r\n二"), a_row(2, 备注="")).split("\r\n")
    lines[3] += '"已售"字样'
    found = refused(raw(tmp_path, "\r\n".join(lines).encode()))
    assert (found.code, found.facts["line"], found.facts["row"]) == ("quote_misplaced", 4, 3)


def test_quotation_marks_inside_a_field_are_text(tmp_path: Path) -> None:
    text = csv_text(a_row(1, 备注='门上贴有"已售"字样'), a_row(2, 备注="@@")).replace("@@", '贴有"已售"')
    rows = outcomes(raw(tmp_path, text.encode()))
    assert [row.remark for row in rows if isinstance(row, LedgerRow)] == ['门上贴有"已售"字样', '贴有"已售"']


def test_a_line_without_end_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = raw(tmp_path, csv_text(a_row()).encode() + b" " * 40_000_000)
    tracemalloc.start()
    found = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.code, found.facts["line"]) == ("line_too_long", 3)
    assert found.facts["characters_max"] == LINE_CHARACTERS_MAX
    assert peak < 10_000_000


def test_a_record_with_more_or_fewer_fields_is_refused_whole(tmp_path: Path) -> None:
    good, more, fewer = a_row(1), list(a_row(2).values()), list(a_row(3).values())[:20]
    more[1:2] = ["孙梅", "已故"]
    _, second, third = outcomes(write_csv(tmp_path, good, more, fewer))
    assert isinstance(second, Fault) and isinstance(third, Fault)
    assert (second.row, second.column, second.value, second.reason) == (3, "姓名", "孙梅,已故", "row_shifted")
    assert (third.row, third.column, third.value, third.reason) == (4, "代扣银行", "", "row_short")
    assert third.account_no == "0110000003"


def test_conflicts_refuse_rows_wherever_they_stand(tmp_path: Path) -> None:
    rows = outcomes(write_csv(tmp_path, a_row(1), a_row(2), a_row(3, 户号="0110000001")))
    assert [isinstance(row, Fault) for row in rows] == [True, False, True]
    first, _, third = rows
    assert isinstance(first, Fault) and isinstance(third, Fault)
    assert (first.reason, first.with_rows, first.told()["with_rows"]) == ("duplicate_account_no", (4,), [4])
    assert (third.column, third.value, third.with_rows) == ("户号", "0110000001", (2,))


def test_a_row_with_a_fault_of_its_own_tells_its_conflict_too(tmp_path: Path) -> None:
    first, second = outcomes(write_csv(tmp_path, a_row(1), a_row(2, 户号="0110000001", 建筑面积="0")))
    assert isinstance(first, Fault) and isinstance(second, Fault)
    assert (first.reason, second.reason) == ("duplicate_account_no", "area_zero")
    assert [other.reason for other in second.also] == ["duplicate_account_no"]


def test_progress_grows_from_nothing_to_all_of_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path, *(a_row(number) for number in range(1, 4500)))
    told: list[tuple[int, float]] = []
    assert len(list(read_ledger(path, progress=lambda rows, share: told.append((rows, share))))) == 4499
    assert told == sorted(told)
    assert told[-1] == (4499, 1.0)
    assert len(told) > 4


def test_a_file_that_changes_while_it_is_read_is_refused_at_the_latest_at_its_end(tmp_path: Path) -> None:
    path = write_csv(tmp_path, *(a_row(number) for number in range(1, 4)))
    reading = read_ledger(path)
    next(reading)
    os.truncate(path, path.stat().st_size - 5)
    with pytest.raises(LedgerFileRefused) as caught:
        list(reading)
    assert caught.value.code == "changed_while_read"


def test_reading_may_be_given_up_in_the_middle(tmp_path: Path) -> None:
    path = write_csv(tmp_path, a_row(1), a_row(2))
    with Ledger(path) as ledger:
        next(ledger.judged())
        assert len(list(ledger.judged())) == 2


def test_directories_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert refused(path).code == "not_a_file"


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    for name in ("missing.csv", "nul\x00.csv", "x" * 300):
        assert refused(tmp_path / name).code == "not_readable"
    path = write_csv(tmp_path, a_row())
    path.chmod(0)
    if not os.access(path, os.R_OK):  # whoever may read everything may read this one too
        assert refused(path).code == "not_readable"


def test_memory_does_not_grow_with_the_length_of_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        path = write_csv(tmp_path, *(a_row(number) for number in range(1, rows)))
        for _ in read_ledger(path):  # fills what is remembered of single values
            pass
        tracemalloc.start()
        for _ in read_ledger(path):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    small, large = peak(500), peak(5_000)
    assert large - small < 4_500 * 200  # bytes for each further row
