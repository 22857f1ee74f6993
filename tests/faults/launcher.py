"""Starts a half of a service with one of its rules patched away: ``python launcher.py services.payments web``.

The mutant is named by an environment variable that nothing else reads.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

MUTANT = "NUAN_FAULTS_MUTANT"


def main() -> None:
    sys.path[0] = str(Path(__file__).resolve().parents[2])  # instead of this folder
    import pytest

    from tests.faults.mutants import MUTANTS

    (mutant,) = (known for known in MUTANTS if known.name == os.environ[MUTANT])
    mutant.patch(pytest.MonkeyPatch())
    module, half = sys.argv[1:]
    sys.argv = [module, half]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
