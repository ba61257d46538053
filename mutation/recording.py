"""A plugin of pytest: writes how each test went, a line of JSON each, into the file that ``PLACE`` names.

The lines are in the order in which the tests ended, so the first failure of a run is known by its name. And a profile
of hypothesis in which a property that fails is not made short: here nobody reads its example.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

PLACE: Final = "SCRIP_MUTATION_RECORD"
PROFILE: Final = "mutation"


class _Recorder:
    """Adds up the three phases of each test."""

    def __init__(self, file: Path) -> None:
        self._file, self._seconds = file, dict[str, float]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed or report.when == "teardown":
            seconds = round(self._seconds[report.nodeid], 4)
            self._write({"test": report.nodeid, "failed": report.failed, "seconds": seconds})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write({"test": report.nodeid, "failed": True, "seconds": 0.0})

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Records where all reports come together, not in the workers. Hypothesis takes its profile after this."""
    from hypothesis import Phase, settings

    known = settings.get_profile("ci")
    settings.register_profile(PROFILE, known, phases=(Phase.explicit, Phase.generate))
    if (place := os.environ.get(PLACE)) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Recorder(Path(place)))
