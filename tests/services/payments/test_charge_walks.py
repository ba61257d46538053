"""Walks through what may become of charges, dunning, subscriptions and reconciliation: each ends sound (laws 4 and 9),
and as it did when it was read last.

``python -m tests.services.payments.test_charge_walks`` writes ``data/charge_walks.json`` anew: of each step what came
of it and was asked and told, a digest of all stored rows, and one of what is shown. Rows that change on purpose change
all of them; ``--show 7`` tells walk 7.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Final, get_args

import pytest

from scrip.domain.payments.auto_topup import AutoTopupReason
from tests.services.payments.charge_walks import STEPS as KINDS_OF_STEPS
from tests.services.payments.charge_walks import charge_walk, done_in

FILE: Final = Path(__file__).parent / "data" / "charge_walks.json"
WALKS: Final = 100
STEPS: Final = 30
SHARES: Final = 20
KEPT: Final[list[list[str]]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def found(seed: int) -> list[str]:
    """Returns of each step a digest of what it was and came to, and those of the rows and of what is shown."""
    steps = [step.rpartition(" | ") for step in charge_walk(seed, STEPS)]
    return [f"{hashlib.sha256(said.encode()).hexdigest()[:6]} {digests}" for said, _, digests in steps]


@pytest.mark.parametrize("share", range(SHARES))
def test_every_walk_of_charges_is_sound_and_ends_as_it_did(share: int) -> None:
    for seed in range(share, WALKS, SHARES):
        assert (seed, found(seed)) == (seed, KEPT[seed])


def test_whatever_may_become_of_a_charge_does() -> None:
    """No step is refused always; each reason of an automatic top-up and each end of a run of dunning comes, too."""
    walked = [done_in(seed, 20) for seed in range(100)]
    steps = {step.__name__.strip("_") for step in KINDS_OF_STEPS}
    assert {step for done, _ in walked for step in done} == steps
    said = "\n".join(text for _, text in walked)
    # A wallet that is closed for ever has to be empty first, which is too rare for so few walks.
    reasons = {*get_args(AutoTopupReason)} - {"wallet_closed"}
    wanted = [f"'reason': {reason!r}" for reason in sorted(reasons)]
    wanted += ["begun Dunning", "ended Dunning", "scrip.topup.prompt", "grace_entry_id='k."]
    assert [one for one in wanted if one not in said] == []


if __name__ == "__main__":
    if sys.argv[1:2] == ["--show"]:
        sys.stdout.write("\n".join(charge_walk(int(sys.argv[2]), STEPS)) + "\n")
    else:
        FILE.parent.mkdir(exist_ok=True)
        rows = ",\n".join(json.dumps(found(seed)) for seed in range(WALKS))
        FILE.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
