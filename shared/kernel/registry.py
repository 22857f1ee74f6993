"""Variants are declarations in a folder: one module each, found here, never named elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from shared.kernel.errors import InvalidInput


def declarations(package: ModuleType, *, attribute: str) -> dict[str, Any]:
    """The ``attribute`` of every module in ``package``, by module name, in alphabetical order."""
    found = {}
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        if hasattr(loaded, attribute):
            found[module.name] = getattr(loaded, attribute)
    return found


def declared(found: dict[str, Any], name: str, *, place: str) -> Any:
    """The declaration of that name, or a refusal that lists the names there are."""
    if name not in found:
        raise InvalidInput(f"known are: {', '.join(found)}", place=place, value=name)
    return found[name]
