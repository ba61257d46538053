"""``scrip units``: lists the units, so that each is found by the id of anything counted in it.

A PUT of a unit lists it too. This is for units that were put before ids named their wallet, and for a table that was
taken back from a backup.
"""

from __future__ import annotations

from command_line.output import print_json
from scrip import runtime
from scrip.services.catalogue import units


def list_units() -> int:
    """Lists the units that are not listed, and prints which there are, and which were not listed."""
    there, added = units.list_all(runtime.tables())
    return print_json({"units": there, "added": added})
