"""Files that are sent to us: in a multipart request, or by the name of a file that lies in the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from flask import request
from marshmallow import Schema

from services.bank_gateway.api.wiring import commands, outside
from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.masking import masked_refusal
from services.bank_gateway.formats import FORMATS
from services.bank_gateway.gateways.folder import FILE_BYTES_MAX, Incoming
from services.bank_gateway.use_cases.record_refused_file import RecordRefusedFile, record_refused_file
from shared.chassis.http import Blueprint, caller
from shared.kernel.errors import InvalidInput

logger = structlog.get_logger()

FORM_BYTES = 100_000
NAME_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Received:
    """``told`` are the other values of the request, checked by the route's schema."""

    file: Incoming
    told: dict[str, Any]


@contextmanager
def received_file(schema: Schema, *, kind: str) -> Iterator[Received]:
    """The file of this request, spooled until the block ends.

    ``schema`` is that of the JSON body ``{"path": …, …}``; the same fields but ``path`` may stand beside the part
    ``file`` of a form. A `FileRefusal` inside the block is written down and rises without personal data.
    """
    told: dict[str, Any] = {}
    with _opened(schema, told) as file:
        try:
            yield Received(file, told)
        except FileRefusal as refusal:
            masked = _masked(refusal)
            _write_down(file, kind, told.get("bank"), masked)
            raise masked from None
        outside().folder.keep(file)


@contextmanager
def _opened(schema: Schema, told: dict[str, Any]) -> Iterator[Incoming]:
    folder = outside().folder
    if request.mimetype == "multipart/form-data":
        request.max_content_length = FILE_BYTES_MAX + FORM_BYTES
        sent = request.files.get("file")
        if sent is None or len(request.files) != 1:
            raise InvalidInput("send one file, as the part `file`", place="file")
        told.update(_form(schema))
        with folder.receive(sent.stream, name=(sent.filename or "")[:NAME_SHOWN]) as file:
            yield file
        return
    told.update(Blueprint.ARGUMENTS_PARSER.parse(schema, request, location="json"))
    with folder.pick(told.pop("path")) as file:
        yield file


def _form(schema: Schema) -> dict[str, Any]:
    """The fields beside the file, as strictly as JSON."""
    form: dict[str, Any] = {}
    for name, values in request.form.lists():
        if len(values) != 1:
            raise InvalidInput("a field stands twice", place=name)
        form[name] = values[0]
    if "path" in form:
        raise InvalidInput("a file is sent or named, not both", place="path")
    errors = schema.validate(form, partial=("path",))
    if errors:
        raise InvalidInput(f"{next(iter(errors.values()))}", place=str(next(iter(errors))))
    loaded: dict[str, Any] = schema.load(form, partial=("path",))
    return loaded


def _masked(refusal: FileRefusal) -> FileRefusal:
    for bank_format in FORMATS.values():
        refusal = masked_refusal(refusal, bank_format=bank_format)
    return refusal


def _write_down(file: Incoming, kind: str, bank: str | None, refusal: FileRefusal) -> None:
    """That the file was refused must not hide why, should writing it down fail."""
    logger.warning("file_refused", kind=kind, reason=refusal.reason, line=refusal.line, field=refusal.field)
    try:
        commands().run(record_refused_file, RecordRefusedFile(file, kind, bank, refusal), caller=caller())
    except Exception as error:
        logger.error("refusal_not_recorded", error=repr(error)[:200])
