"""YAML that is read without guessing: every value keeps the characters it was written with, and its line.

A plain YAML loader turns ``26.10`` into a float and ``no`` into False, and keeps the last of two equal keys.
Here nothing is converted: the kinds of value (`policy_values`) read the characters themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from shared.kernel.errors import InvalidInput

_VALUE_SHOWN_MAX = 60


class PolicyInvalid(InvalidInput):
    """A policy that cannot be read for certain.

    Facts: ``file``, ``line`` (1 is the first), ``parameter`` (where one is concerned), ``value`` as written.
    """

    code = "policy_invalid"
    remedy = "Correct the line that is named; services/accounts/policies/default.yaml shows every parameter."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, for refusals."""

    file: str
    parameter: str = ""

    def refusal(self, where: Node | int, expected: str, value: object = None) -> PolicyInvalid:
        """``expected`` says what would be right; the value as written is shown beside it."""
        line = where if isinstance(where, int) else where.start_mark.line + 1
        shown = _shown(where if value is None else value)
        about = f"{self.parameter}: " if self.parameter else ""
        return PolicyInvalid(
            f"{self.file}, line {line}: {about}{expected}{f', not {shown}' if shown else ''}",
            file=self.file,
            line=line,
            parameter=self.parameter,
            value=shown,
        )


def line_of(node: Node) -> int:
    return int(node.start_mark.line) + 1


def compose(text: str, place: Place) -> Node:
    """The one document of the text; an empty one, two, or anything that is not YAML is refused."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise place.refusal(1, "this is nested too deeply", "") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise place.refusal(mark.line + 1 if mark else 1, f"this is not YAML ({problem})", "") from None
    if node is None:
        raise place.refusal(1, "a value is missing", "")
    return node


def scalar(node: Node, place: Place, expected: str) -> str:
    """The characters of one value, without the quotes."""
    if not isinstance(node, ScalarNode):
        raise place.refusal(node, expected)
    return str(node.value)


def sequence(node: Node, place: Place, expected: str) -> list[Node]:
    if not isinstance(node, SequenceNode):
        raise place.refusal(node, expected)
    return list(node.value)


def mapping(
    node: Node,
    place: Place,
    expected: str,
    *,
    required: tuple[str, ...] = (),
    allowed: tuple[str, ...] | None = None,
) -> dict[str, Node]:
    """Keys and values in order. A key twice, an unknown one or a missing one is refused.

    ``allowed`` are the keys beside the required ones; None leaves the names of keys to the caller.
    """
    if not isinstance(node, MappingNode):
        raise place.refusal(node, expected)
    entries: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key = scalar(key_node, place, "a key is one word")
        if key in entries:
            raise place.refusal(key_node, "this key stands here twice", key)
        if allowed is not None and key not in required and key not in allowed:
            raise place.refusal(key_node, f"known keys are {', '.join((*required, *allowed))}", key)
        entries[key] = value_node
    for key in required:
        if key not in entries:
            raise place.refusal(node, f"the key {key} is missing", "")
    return entries


def _shown(value: Any) -> str:
    if isinstance(value, ScalarNode):
        value = value.value
    elif isinstance(value, SequenceNode):
        value = "a list"
    elif isinstance(value, MappingNode):
        value = "a table"
    elif isinstance(value, int):
        return ""
    text = str(value)
    return text if len(text) <= _VALUE_SHOWN_MAX else text[:_VALUE_SHOWN_MAX] + "…"
