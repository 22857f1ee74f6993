"""How passwords are kept: argon2id, with the library's parameters for interactive sign-in."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
NOBODYS_HASH = _HASHER.hash("the password of nobody")
"""Compared against when a login is unknown, so that it takes as long as a known one."""


def hashed(password: str) -> str:
    return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
