"""Personal numbers as answers show them: the ends are there to compare, the middle is not."""

from __future__ import annotations


def masked(number: str | None, *, first: int, last: int) -> str | None:
    """``masked("13912345678", first=3, last=4)`` → ``"139****5678"``; a short number is hidden whole."""
    if number is None:
        return None
    hidden = len(number) - first - last
    if hidden < 1:
        return "*" * len(number)
    return number[:first] + "*" * hidden + number[len(number) - last :]


def masked_id_no(id_no: str | None) -> str | None:
    return masked(id_no, first=4, last=2)


def masked_phone(phone: str | None) -> str | None:
    return masked(phone, first=3, last=4)
