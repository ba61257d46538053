"""What can be changed, room by room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutation import changes, template
from mutation.changes import Change

_PACKAGE: Final = "layers/scrip/scrip"


@dataclass(frozen=True, slots=True)
class Room:
    """Some folders or files, and how they are changed.

    ``tests``: what runs all of it, where no line says so. ``also``: what reads it without running a line.
    """

    places: tuple[str, ...]
    changes: Callable[[Path, Path], Iterator[Change]] = changes.changes
    tests: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def all(self, root: Path) -> list[Change]:
        """Returns every change of the room."""
        files = [
            file
            for place in self.places
            for file in ([root / place] if (root / place).is_file() else sorted((root / place).rglob("*.py")))
        ]
        return [change for file in files for change in self.changes(file, root)]


_DECLARED: Final = ("tests/contract/test_openapi.py", "tests/contract/test_unchanged.py")
"""The declaration of the API is made of bodies, answers and refusals as they are imported."""

_TABLES: Final = ("tests/http/edge/test_doors.py", "tests/http/edge/test_combinations.py")
"""Routes and rules of bodies, as they are declared."""

_BOUNDS: Final = ("tests/contract/test_bounds.py",)
"""Numbers of modules, which no line of theirs reads when they are imported."""

_COUNTED: Final = (
    "tests/providers/test_counted.py",
    "tests/providers/test_clients.py::test_where_a_product_decides_and_where_one_is_needed_to_keep_a_method",
    "tests/providers/test_clients.py::test_stripe_keeps_the_key_of_a_charge_and_dodo_takes_none",
)
"""Tables of money and what a provider's module says of it, of which no line runs when they are read."""

_COMMANDS: Final = (
    "tests/command_line/test_whole_output.py::test_every_command_explains_itself_as_it_did",
    "tests/command_line/test_mistakes.py::test_a_reader_that_goes_away_is_no_fault",
    "tests/command_line/test_mistakes.py::test_outputs_that_are_full_or_closed_are_no_fault",
    "tests/command_line/test_application.py::test_the_package_is_run_as_the_command_is",
)
"""Options, as they are declared; and what is run in another process, which the map does not see."""

ROOMS: Final = {
    "domain": Room((f"{_PACKAGE}/domain",), also=(*_DECLARED, *_BOUNDS)),
    "services": Room((f"{_PACKAGE}/services",), also=(*_DECLARED, *_BOUNDS)),
    "http": Room((f"{_PACKAGE}/http", "functions"), also=(*_DECLARED, *_TABLES, *_BOUNDS)),
    "store": Room((f"{_PACKAGE}/store",)),
    "providers": Room((f"{_PACKAGE}/providers",), also=(*_COUNTED, *_BOUNDS)),
    "commands": Room(("command_line", f"{_PACKAGE}/runtime.py"), also=(*_COMMANDS, *_BOUNDS)),
    # Those that build layers read nothing of it.
    "template": Room(
        ("template.yaml",),
        template.changes,
        (
            *(
                f"tests/template/test_{name}.py"
                for name in ("settings", "alarms", "parameters", "rights", "doors")
            ),
            *("tests/template/test_keeping.py", "tests/contract/test_openapi.py"),
            "tests/services/finance/test_archive_tables.py",
        ),
    ),
}
