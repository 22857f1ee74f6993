"""The product's own source as data: modules, what they import, what they say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from shared.chassis.settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("shared", "services", "deploy")


def modules(*folders: str) -> Iterator[str]:
    """Dotted names of all modules below these folders, given as ``shared/kernel``."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "__pycache__" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_file(module: str) -> Path | None:
    """The file of one of our own modules; None for anybody else's."""
    path = ROOT.joinpath(*module.split("."))
    if module.split(".")[0] not in PRODUCT:
        return None
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def tree_of(module: str) -> ast.Module:
    file = module_file(module)
    if file is None:
        raise LookupError(module)
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports_of(module: str) -> list[str]:
    """The modules that a module imports anywhere in its code; ``from a.b import c`` is ``a.b.c`` if that is a module."""
    found = []
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.append(full if module_file(full) else node.module)
    return found


def domains() -> list[str]:
    """Modules of every service's domain, and the kernel without its clock."""
    found = list(modules(*(f"services/{service}/domain" for service in SERVICES), "shared/kernel", "shared/messages"))
    return [module for module in found if module != "shared.kernel.clock"]
