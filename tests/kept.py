"""``python -m tests.kept``: writes everything anew that tests hold against what was read last (docs/contributing.md).

What that changes is to be read: each line of the difference is meant, or a fault.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

MODULES: Final = (
    "tests.http.stories",
    "tests.http.sentences",
    "tests.http.edge.test_combinations",
    "tests.http.edge.test_doors",
    "tests.http.edge.test_query_values",
    "tests.http.edge.test_states",
    "tests.providers.test_changed_answers",
    "tests.providers.test_changed_samples",
    "tests.providers.test_counted",
    "tests.providers.test_requests",
    "tests.services.payments.test_charge_walks",
    "tests.services.payments.test_walks",
    "tests.services.verification.test_changed_rows",
    "tests.command_line.stories",
)


def main() -> int:
    """Writes all of them. 1: one could not be written."""
    failed = 0
    for name in MODULES:
        done = subprocess.run([sys.executable, "-m", name], capture_output=True, text=True, check=False)
        failed |= done.returncode
        sys.stdout.write(f"{name}: {'written' if not done.returncode else done.stderr[-2000:]}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
