"""The bytes of a text file: blocks of whole lines, strictly as agreed, with flat memory.

No byte-order mark, nothing after the last line end but a last line without one, LF, CRLF, CR and any mixture
of them. Lines are cut as bytes (no trailing byte of GBK, GB18030 or UTF-8 is a line end) and only then
decoded; fields are cut after that, because the second byte of a GBK character can be ``|``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.bank_gateway.domain.bank_file import FileRefusal

BLOCK_BYTES = 1 << 16  # small enough for the processor's cache; larger blocks are slower
LINE_BYTES_MAX = 1 << 16

PADDING = b"\x00\x1a \t"
"""What some senders leave after the last line: NUL, the end mark of CP/M, blanks."""

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OTHER_FORMATS = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
)
_FIRST_CJK = "\u2e80"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines, each ended by LF whatever ended it in the file; only the last may be ``unfinished``.

    ``following`` is where the next block begins, to look one line ahead; the last block holds the last line.
    """

    first_line: int
    data: bytes
    following: bytes
    last: bool

    @property
    def unfinished(self) -> bool:
        """Whether the file does not end with a line end."""
        return not self.data.endswith(b"\n")

    def line_at(self, offset: int) -> int:
        return self.first_line + self.data.count(b"\n", 0, offset)


def line_blocks(content: BinaryIO, *, encoding: str, file: str) -> Iterator[Block]:
    """The file in blocks, the last of which holds the last line; refuses what is no text file of ours.

    ``content`` is a buffered binary file at its beginning; ``encoding`` one whose trailing bytes are never
    line ends (those named above).
    """
    carry, line = b"", 1
    text_seen = False
    while chunk := content.read(BLOCK_BYTES):
        if line == 1 and not carry:
            _refuse_foreign(chunk, file=file)
        whole = carry + chunk
        cut = _start_of_last_line(whole)
        carry = whole[cut:]
        if cut:
            block = Block(line, _with_line_feeds(whole[:cut]), carry, last=False)
            text_seen = text_seen or _judged_encoding(block, encoding=encoding, file=file)
            yield block
            line += block.data.count(b"\n")
        _refuse_endless_line(carry, line=line, file=file)
    if line == 1 and not carry:
        raise FileRefusal("empty_file", file=file)
    block = Block(line, _with_line_feeds(carry), b"", last=True)
    _refuse_padding(block, file=file)
    text_seen = text_seen or _judged_encoding(block, encoding=encoding, file=file)
    yield block


def decoded(block: Block, *, encoding: str, file: str) -> str:
    """The text of a block, strictly; a character cut in two by the end of the file is a truncated file."""
    try:
        return block.data.decode(encoding)
    except UnicodeDecodeError as error:
        cut_in_two = block.unfinished and error.end == len(block.data) and "incomplete" in error.reason
        begins = block.data.rfind(b"\n", 0, error.start) + 1
        raise FileRefusal(
            "truncated" if cut_in_two else "encoding",
            file=file,
            line=block.line_at(error.start),
            column=error.start - begins + 1,
            value=block.data[error.start : error.end].hex(" "),
            expected=encoding.upper(),
        ) from None


def is_chinese_in_utf8(data: bytes) -> bool:
    """Whether what is beyond ASCII reads as UTF-8 and is mostly Chinese there.

    A GBK decoder takes much of UTF-8 for other characters without complaint, and swallows separators behind
    them; the bytes of a text in GBK pass for this by accident only when it is very short.
    """
    try:
        beyond_ascii = [character for character in data.decode("utf-8") if not character.isascii()]
    except UnicodeDecodeError:
        return False
    chinese = sum(character >= _FIRST_CJK for character in beyond_ascii)
    return 2 * chinese > len(beyond_ascii)


def is_padding(text: str) -> bool:
    return not text.strip("\x00\x1a \t\r\n\u3000")


def _start_of_last_line(whole: bytes) -> int:
    """Where the last line that ended begins: it may be the last of the file, or its CR half of a CRLF."""
    after = _after_line_end(whole, len(whole))
    if not after:
        return 0
    return _after_line_end(whole, after - (2 if whole[after - 2 : after] == b"\r\n" else 1))


def _after_line_end(whole: bytes, end: int) -> int:
    return max(whole.rfind(b"\n", 0, end), whole.rfind(b"\r", 0, end)) + 1


def _with_line_feeds(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _refuse_foreign(chunk: bytes, *, file: str) -> None:
    if chunk.startswith(_BYTE_ORDER_MARKS):
        raise FileRefusal("byte_order_mark", file=file, line=1, column=1, value=chunk[:3].hex(" "))
    if chunk.startswith(_OTHER_FORMATS) or chunk.lstrip()[:1] in (b"<", b"{"):
        raise FileRefusal("not_this_format", file=file, line=1, value=ascii(chunk[:20])[2:-1])
    if b"\x00" in chunk[:4] and chunk.strip(PADDING):
        raise FileRefusal("encoding", file=file, line=1, value=chunk[:4].hex(" "))  # UTF-16 or UTF-32


def _refuse_endless_line(carry: bytes, *, line: int, file: str) -> None:
    if len(carry) > 2 * LINE_BYTES_MAX:
        rest = carry[_after_line_end(carry, len(carry)) :]
        ended = carry.count(b"\n") or carry.count(b"\r")
        reason = "line_length" if rest.strip(PADDING) else "trailing_bytes"
        raise FileRefusal(reason, file=file, line=line + ended, expected=f"at most {LINE_BYTES_MAX} bytes")


def _refuse_padding(block: Block, *, file: str) -> None:
    rest = block.data[block.data.rfind(b"\n") + 1 :]
    text = rest.rstrip(PADDING)
    if rest != text:
        raise FileRefusal(
            "trailing_bytes",
            file=file,
            line=block.line_at(len(block.data)),
            column=len(text) + 1,
            value=rest[len(text) :][:20].hex(" "),
        )


def _judged_encoding(block: Block, *, encoding: str, file: str) -> bool:
    """Whether the block has text beyond ASCII to judge; refused when all of it is Chinese in UTF-8."""
    if block.data.isascii():
        return False
    if encoding != "utf-8" and is_chinese_in_utf8(block.data):
        start = next(place for place, byte in enumerate(block.data) if byte > 0x7F)
        raise FileRefusal("encoding", file=file, line=block.line_at(start), value="UTF-8", expected=encoding.upper())
    return True
