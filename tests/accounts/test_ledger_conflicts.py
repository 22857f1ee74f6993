"""Rows that contradict each other are refused, all of them."""

from __future__ import annotations

import pytest

from services.accounts.domain import ledger_conflicts
from services.accounts.domain.ledger_conflicts import WITH_ROWS_MAX, Conflict, ConflictIndex
from tests.accounts.ledger_files import OTHER_PERSON_NO, a_row

Told = dict[int, list[tuple[str, tuple[int, ...]]]]


def conflicts(*rows: dict[str, str]) -> Told:
    """By row, from 2: the reason and the other rows of each conflict."""
    index = ConflictIndex()
    for number, row in enumerate(rows, 2):
        index.add(tuple(row.values()), row=number)
    closed = index.closed()
    assert len(closed) == len(rows)
    told = {
        number: [(found.reason, found.with_rows) for found in closed.of(number - 2)] for number, _ in enumerate(rows, 2)
    }
    return {number: found for number, found in told.items() if found}


def test_rows_with_numbers_and_flats_of_their_own_do_not_conflict() -> None:
    assert conflicts(*(a_row(number) for number in range(1, 200))) == {}


def test_one_account_number_twice_refuses_both_rows_wherever_they_stand() -> None:
    rows = [a_row(number) for number in range(1, 8)]
    rows.append(a_row(9, 户号="0110000003"))
    assert conflicts(*rows) == {4: [("duplicate_account_no", (9,))], 9: [("duplicate_account_no", (4,))]}


def test_a_number_thrice_names_both_others() -> None:
    rows = [a_row(1), a_row(2, 户号="0110000001"), a_row(3, 户号="0110000001")]
    assert conflicts(*rows)[3] == [("duplicate_account_no", (2, 4))]


def test_one_flat_with_two_accounts_of_one_owner_is_a_duplicate() -> None:
    rows = [a_row(1), a_row(2, 房号="101", 姓名="王秀瑛")]
    assert conflicts(*rows) == {2: [("duplicate_flat", (3,))], 3: [("duplicate_flat", (2,))]}


def test_one_flat_with_accounts_of_two_owners_is_named_otherwise() -> None:
    rows = [a_row(1), a_row(2, 房号="101", 证件号码=OTHER_PERSON_NO)]
    assert conflicts(*rows) == {2: [("two_owners_one_flat", (3,))], 3: [("two_owners_one_flat", (2,))]}


def test_the_same_row_twice_is_told_once_as_the_same_number() -> None:
    assert conflicts(a_row(1), a_row(1)) == {
        2: [("duplicate_account_no", (3,))],
        3: [("duplicate_account_no", (2,))],
    }


def test_a_row_may_take_part_in_two_conflicts() -> None:
    rows = [a_row(1), a_row(1), a_row(3, 房号="101")]
    assert conflicts(*rows)[2] == [("duplicate_account_no", (3,)), ("duplicate_flat", (3, 4))]
    assert conflicts(*rows)[4] == [("duplicate_flat", (2, 3))]


@pytest.mark.parametrize("column", ["小区", "楼栋", "单元", "房号"])
def test_four_cells_name_a_flat_and_one_that_differs_is_another_flat(column: str) -> None:
    assert conflicts(a_row(1), {**a_row(2, 房号="101"), column: "99"}) == {}


def test_flats_are_compared_cell_by_cell() -> None:
    assert conflicts(a_row(1, 楼栋="1", 单元="11", 房号="1"), a_row(2, 楼栋="11", 单元="1", 房号="1")) == {}


def test_what_is_compared_is_the_value_after_it_was_put_right() -> None:
    rows = [a_row(1), a_row(2, 户号="０１１０００００01 "), a_row(3, 小区="幸福小区\u3000", 楼栋="３", 房号=" 101")]
    assert set(conflicts(*rows)) == {2, 3, 4}


def test_an_owner_is_known_by_the_number_of_the_document_put_right() -> None:
    rows = [a_row(1, 证件号码=OTHER_PERSON_NO), a_row(2, 房号="101", 证件号码=OTHER_PERSON_NO[:-1] + "x ")]
    assert conflicts(*rows)[2] == [("duplicate_flat", (3,))]


def test_a_row_that_is_refused_for_something_else_takes_part_all_the_same() -> None:
    assert set(conflicts(a_row(1), a_row(2, 户号="0110000001", 建筑面积=""))) == {2, 3}


def test_numbers_and_flats_that_are_not_there_agree_with_nothing() -> None:
    assert conflicts(a_row(1, 户号=""), a_row(2, 户号="")) == {}
    assert conflicts(a_row(1, 户号="110000001"), a_row(2, 户号="110000001")) == {}
    assert conflicts(a_row(1, 房号=""), a_row(2, 房号="")) == {}


def test_a_flat_of_two_rows_without_a_number_is_a_conflict() -> None:
    assert conflicts(a_row(1, 户号=""), a_row(2, 户号="", 房号="101")) == {
        2: [("duplicate_flat", (3,))],
        3: [("duplicate_flat", (2,))],
    }


def test_a_record_that_cannot_be_read_has_its_place_and_takes_no_part() -> None:
    index = ConflictIndex()
    index.add_unreadable(row=2)
    index.add_unreadable(row=5)
    index.add(tuple(a_row(1).values()), row=6)
    closed = index.closed()
    assert [closed.row(position) for position in range(len(closed))] == [2, 5, 6]
    assert [closed.of(position) for position in range(3)] == [(), (), ()]


def test_of_many_rows_with_one_number_the_first_twenty_others_are_named() -> None:
    told = conflicts(*(a_row(number, 户号="0110000001") for number in range(1, 60)))
    assert len(told) == 59
    assert told[60] == [("duplicate_account_no", tuple(range(2, 2 + WITH_ROWS_MAX)))]
    assert told[2] == [("duplicate_account_no", tuple(range(3, 3 + WITH_ROWS_MAX)))]


def test_keys_are_compared_whole_even_where_the_shares_they_are_sorted_in_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [a_row(number) for number in range(1, 300)] + [a_row(500, 户号="0110000007")]
    told = conflicts(*rows)
    monkeypatch.setattr(ledger_conflicts, "_SHARES", 1)
    assert conflicts(*rows) == told == {8: [("duplicate_account_no", (301,))], 301: [("duplicate_account_no", (8,))]}


def test_a_conflict_tells_the_cell_as_written() -> None:
    fault = Conflict("duplicate_flat", 8, (9,)).fault(
        tuple(a_row(1, 户号="0110000001 ", 房号=" 101").values()), row=2, line=4
    )
    assert (fault.row, fault.line, fault.column, fault.value, fault.reason) == (2, 4, "房号", " 101", "duplicate_flat")
    assert (fault.account_no, fault.with_rows) == ("0110000001 ", (9,))
