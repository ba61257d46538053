"""Every leaf of every sample webhook, said otherwise: missing, null, of another kind, less, more, or another word.

What is read of each is kept as a digest by leaf (``data/changed_samples.json``): neither what is read changes unseen,
nor which field is named where it cannot be. ``python -m tests.providers.test_changed_samples`` writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import pytest

from scrip.domain.payments.delivery import Delivery
from scrip.providers.dodo import webhook as dodo
from scrip.providers.paddle import webhook as paddle
from scrip.providers.standard import webhook as standard
from scrip.providers.stripe import webhook as stripe
from tests.providers.samples import DATA, WEBHOOKS

FILE: Final = DATA / "changed_samples.json"
READ: Final[dict[str, Callable[[Any, str | None], Delivery]]] = {
    "dodo": dodo.translate,
    "paddle": paddle.translate,
    "standard": standard.translate,
    "stripe": stripe.translate,
}
SAMPLES: Final = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(WEBHOOKS.glob("*.json"))
}
KEPT: Final = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
ANYTHING: Final[tuple[Any, ...]] = (None, "", "x", 0, 1, -5, 10**16, True, [], {}, "12", "-12", "1.5")
WORDS: Final = (
    "type",
    "event_type",
    "status",
    "action",
    "reason",
    "dispute_stage",
    "dispute_status",
    "origin",
    "currency",
)
"""Members whose values decide: each is tried with what it is in other samples of the provider, and with all that the
provider's own tables know."""

Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yields everything in a body that can be another: members, and the first item of each list."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield (*path, name), one
            yield from leaves(one, (*path, name))
    elif isinstance(value, list) and value:
        yield (*path, 0), value[0]
        yield from leaves(value[0], (*path, 0))


def words(provider: str) -> dict[str, list[Any]]:
    """Returns what deciding members are in the samples of a provider."""
    found: dict[str, dict[Any, None]] = {}
    for name, sample in SAMPLES.items():
        if name.startswith(provider):
            for path, value in leaves(sample):
                if path[-1] in WORDS and isinstance(value, str):
                    found.setdefault(str(path[-1]), {})[value] = None
    return {name: [*{**values, **dict.fromkeys(tabled(provider))}] for name, values in found.items()}


@cache
def tabled(provider: str) -> tuple[str, ...]:
    """Returns the words that the modules of a provider have in tables: statuses, actions, currencies of their own."""
    package = import_module(f"scrip.providers.{provider}")
    modules = [import_module(f"{package.__name__}.{one.name}") for one in iter_modules(package.__path__)]
    tables = [one for module in modules for name, one in vars(module).items() if name.lstrip("_").isupper()]
    known = {
        word
        for one in tables
        if isinstance(one, Mapping | AbstractSet | tuple)
        for word in one
        if isinstance(word, str)
    }
    return tuple(sorted(known))


def read(provider: str, body: Any, ours: str | None = None) -> Any:
    """Returns all that is read of a body. Nothing that a webhook says is an error of ours: it is parked, or ignored.

    ``ours``: the account that is set; it is not checked where that is None, and told where it is empty.
    """
    said = asdict(READ[provider](body, ours))
    return said if said["method"] else {name: value for name, value in said.items() if name != "method"}


def outcomes(name: str, path: Path, value: Any, others: dict[str, list[Any]]) -> Iterator[Any]:
    """Yields what is read where a leaf is missing, and where it is something else."""
    provider = name.partition("_")[0]
    body = deepcopy(SAMPLES[name])
    at = body
    for step in path[:-1]:
        at = at[step]
    last: Any = path[-1]
    near = [value + 1, value * 10, -value] if type(value) is int else []
    for other in (*ANYTHING, *near, *others.get(str(last), ())):
        at[last] = other
        yield read(provider, body)
        if len(path) == 1:
            yield read(provider, body, "")
    del at[last]
    yield read(provider, body)


def found(name: str) -> dict[str, str]:
    """Returns a digest by leaf of a sample; of the sample as it is, under no name."""
    provider = name.partition("_")[0]
    others = words(provider)
    told = {
        "": [read(provider, SAMPLES[name], ours) for ours in (None, "", "bus_wk4Topups9", "true", "FALSE")]
    }
    for path, value in leaves(SAMPLES[name]):
        told[".".join(map(str, path))] = list(outcomes(name, path, value, others))
    return {
        path: sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:8]
        for path, said in told.items()
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_whatever_a_leaf_says_what_is_read_of_it_is_as_it_was(name: str) -> None:
    now, kept = found(name), KEPT[name]
    assert sorted(now) == sorted(kept)
    assert [path for path in now if now[path] != kept[path]] == []


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: found(name) for name in SAMPLES}, indent=0) + "\n", encoding="utf-8")
    sys.stdout.write(f"{sum(map(len, json.loads(FILE.read_text()).values()))} leaves\n")
