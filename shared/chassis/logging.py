"""Structured logs, one JSON line an event, without personal data: what looks like it is masked at the last moment."""

from __future__ import annotations

import io
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_ID_NUMBER = re.compile(r"(?<![0-9])([1-9][0-9]{5})[0-9]{8}([0-9]{3}[0-9Xx])(?![0-9])")
_CARD = re.compile(r"(?<![0-9])([0-9]{4})(?:[ -]?[0-9]){4,24}((?:[ -]?[0-9]){4})(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(1[3-9][0-9])[ -]?[0-9]{4}[ -]?([0-9]{4})(?![0-9])")
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_PASSWORD = re.compile(r"(://[^:/@\s]+:)[^@\s]+@")
_SECRET_NAMES = frozenset({
    "password", "token", "authorization", "secret", "key_pem", "holder", "phone", "id_no", "bank_account",
})  # fmt: skip
_HEX = re.compile(r"[0-9a-f]{32}", re.ASCII)


def masked(text: str) -> str:
    """ID numbers, cards and accounts, mobile numbers, tokens and URL passwords keep only their ends."""
    text = _TOKEN.sub("…token…", text)
    text = _PASSWORD.sub(r"\1…@", text)
    text = _ID_NUMBER.sub(r"\1********\2", text)
    text = _MOBILE.sub(r"\1****\2", text)
    return _CARD.sub(r"\1…\2", text)


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name, value in event.items():
        if name.lower() in _SECRET_NAMES:
            event[name] = "…"
        elif name == "request_id" and isinstance(value, str) and _HEX.fullmatch(value):
            continue  # a run of digits in it is chance, and it must stay what was answered
        elif isinstance(value, str):
            event[name] = masked(value).replace("\r", "\\r").replace("\n", "\\n")
        elif value is not None and not isinstance(value, (int, float, bool)):
            event[name] = masked(repr(value))
    return event


class _StandardError(io.TextIOBase):
    """Standard error as it is when something is written, not as it was when logging was configured."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(service: str, *, level: str = "INFO") -> None:
    """JSON lines to standard error; the libraries' own logs at WARNING go the same way, masked like ours."""
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.processors.format_exc_info,
        _mask,
        structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
    ]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(_StandardError()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    of_libraries = logging.StreamHandler(_StandardError())
    of_libraries.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*first],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    ))  # fmt: skip
    logging.basicConfig(level=logging.WARNING, handlers=[of_libraries], force=True)
