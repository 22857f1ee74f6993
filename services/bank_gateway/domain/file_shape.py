"""One kind of file of a bank: how its name is formed, and which records stand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.record import Record

_DAY = "%Y%m%d"


@dataclass(frozen=True)
class FileIdentity:
    """What a file's name says of it: whose it is, of which day, which batch ("" where the name has none)."""

    file: str
    parameters: Mapping[str, str]
    sent_on: date
    batch_no: str


@dataclass(frozen=True)
class FileShape:
    """``name`` is formed of ``{date}`` (YYYYMMDD), ``{batch}`` and parameters; ``parts`` are their patterns.

    Rows are ``detail``; a head is the first line, a trailer the last, where the layout has them.
    """

    name: str
    parts: Mapping[str, str]
    detail: Record
    head: Record | None = None
    trailer: Record | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pieces = re.split(r"\{(\w+)\}", self.name)
        return re.compile("".join(f"(?P<{p}>{self.parts[p]})" if i % 2 else re.escape(p) for i, p in enumerate(pieces)))

    def named(self, *, parameters: Mapping[str, str], sent_on: date, batch_no: str) -> str:
        """The name of the file of that batch; a part that does not fit its pattern is the caller's defect."""
        name = self.name.format(**parameters, date=sent_on.strftime(_DAY), batch=batch_no)
        if self._pattern.fullmatch(name) is None:
            raise ValueError(f"{name!r} is not formed as {self.name}")
        return name

    def identify(self, name: str, *, parameters: Mapping[str, str]) -> FileIdentity:
        """What the name says; refused when it is not formed as agreed or names another party.

        Of ``parameters`` only those in the name are looked at; what is not given is taken from the name.
        """
        match = self._pattern.fullmatch(name)
        if match is None:
            raise FileRefusal("name_pattern", file=name[:120], value=name, expected=self.name)
        found = match.groupdict()
        try:
            sent_on = datetime.strptime(found.pop("date"), _DAY).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise FileRefusal("name_pattern", file=name, value=name, expected=self.name) from None
        batch_no = found.pop("batch", "")
        for parameter, value in found.items():
            if parameters.get(parameter, value) != value:
                raise FileRefusal(
                    "wrong_party", file=name, field=parameter, value=value, expected=parameters[parameter]
                )
        return FileIdentity(name, found, sent_on, batch_no)
