"""What a request is decided on: what is remembered is not read, and all the rest comes with one read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scrip import runtime
from scrip.domain.credits.errors import CatchingUp, InvalidRequest, NotFound
from scrip.domain.credits.ids import wallet_hash
from scrip.domain.wallets.draft import Draft
from scrip.services.engine.contexts import Contexts
from tests.aws import Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

PER_GPU = {"price": {"model": "per_unit", "credits": "2"}}


@pytest.fixture
def contexts(scrip: Deployment) -> Contexts:
    """Contexts that remember nothing yet."""
    return Contexts(runtime.tables())


def test_a_wallet_its_unit_and_rate_cards_are_one_read(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    scrip.grant(account, "10")
    scrip.put("/v1/rates/gpu", PER_GPU)
    with scrip.calls() as made:
        context = contexts.context(account, "credits", ("gpu",))
    assert [call.name for call in made] == ["BatchGetItem"]
    assert context.unit.precision == 6
    assert context.snapshot.wallet.totals.total == 10_000_000
    assert [version.version for version in context.rates["gpu"]] == [1]


def test_where_the_unit_is_remembered_the_wallet_alone_is_read(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    contexts.context(account, "credits")
    with scrip.calls() as made:
        assert contexts.context(account, "credits").snapshot.wallet.version == 0
    assert [call.name for call in made] == ["GetItem"]


def test_a_wallet_that_was_written_here_is_not_read_unless_a_fresh_one_is_asked_for(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10")
    scrip.burn(account, "1")
    executor = runtime.executor()
    with scrip.calls() as made:
        remembered = executor.context(account, "credits").snapshot
    assert (made, remembered.fresh, remembered.wallet.version) == ([], False, 2)
    with scrip.calls() as made:
        read = executor.context(account, "credits", fresh=True).snapshot
    assert ([call.name for call in made], read.fresh, read.wallet) == (["GetItem"], True, remembered.wallet)


def test_a_unit_is_read_again_after_half_a_minute(scrip: Deployment) -> None:
    at = 0.0
    contexts = Contexts(runtime.tables(), lambda: at)
    scrip.put("/v1/units/images", {"precision": 0, "name": "Images"})
    assert contexts.unit("images").name == "Images"
    scrip.put("/v1/units/images", {"precision": 0, "name": "Pictures"})
    at = 29.9
    assert contexts.unit("images").name == "Images"
    at = 30.0
    assert contexts.unit("images").name == "Pictures"


def test_a_unit_or_a_meter_that_there_is_not_is_named(account: str, contexts: Contexts) -> None:
    with pytest.raises(NotFound) as caught:
        contexts.context(account, "nothing")
    assert caught.value.facts == {"unit": "nothing"}
    with pytest.raises(NotFound) as caught:
        contexts.unit("nothing")
    assert caught.value.facts == {"unit": "nothing"}
    with pytest.raises(NotFound) as caught:
        contexts.context(account, "credits", ("nothing",))
    assert caught.value.facts == {"meter": "nothing"}


def test_a_meter_that_is_priced_in_another_unit_is_refused(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    scrip.put("/v1/units/images", {"precision": 0})
    scrip.put("/v1/rates/tiles", {**PER_GPU, "unit": "images"})
    with pytest.raises(InvalidRequest) as caught:
        contexts.context(account, "credits", ("tiles",))
    said = "the meter tiles is priced in images, not in credits"
    assert caught.value.facts["errors"] == [{"field": "unit", "message": said}]


def test_a_wallet_is_read_again_only_where_somebody_has_written_it(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    scrip.grant(account, "10")
    context = contexts.context(account, "credits")
    assert contexts.written_since(context.snapshot, context.unit) is None
    scrip.burn(account, "4")
    newer = contexts.written_since(context.snapshot, context.unit)
    assert newer
    assert (newer.wallet.version, newer.wallet.totals.total) == (2, 6_000_000)


def test_what_a_decision_needs_besides_is_read_into_its_snapshot(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    scrip.grant(account, "10", reference={"type": "job", "id": "j1"})
    snapshot = contexts.context(account, "credits").snapshot
    assert not snapshot.in_parts
    note = contexts.complete(snapshot, lambda: Draft(snapshot).sidecar("note", "1"))
    assert note == {"source": ["job", "j1"]}
    assert snapshot.in_parts


def reads(scrip: Deployment, ask: Callable[[], object]) -> list[str]:
    """The calls that something asks for."""
    with scrip.calls() as made:
        ask()
    return [call.name for call in made]


def test_rate_cards_are_read_once_and_together_unless_fresh_ones_are_asked_for(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    """Of three cards one is remembered, and one there is not: it is looked for each time."""
    for meter in ("gpu", "cpu"):
        scrip.put(f"/v1/rates/{meter}", PER_GPU)
    assert reads(scrip, lambda: contexts.rates("gpu")) == ["GetItem"]
    assert reads(scrip, lambda: contexts.rates("gpu")) == []
    assert reads(scrip, lambda: contexts.rates("gpu", fresh=True)) == ["GetItem"]
    with scrip.calls() as made:
        assert sorted(contexts.cards(("gpu", "cpu", "cpu", "none"))) == ["cpu", "gpu"]
    assert [len(call.params["RequestItems"]["wallets"]["Keys"]) for call in made] == [2]
    assert reads(scrip, lambda: contexts.cards(("gpu", "cpu"))) == []
    assert reads(scrip, lambda: contexts.cards(("gpu", "cpu"), fresh=True)) == ["BatchGetItem"]
    assert reads(scrip, lambda: contexts.context(account, "credits", ("gpu", "cpu"))) == ["BatchGetItem"]
    assert reads(scrip, lambda: contexts.context(account, "credits", ("gpu", "cpu"))) == ["GetItem"]
    fresh = lambda: contexts.context(account, "credits", ("gpu", "cpu"), fresh_rates=True)  # noqa: E731
    assert reads(scrip, fresh) == ["BatchGetItem"]


def test_the_unit_of_a_wallet_is_found_by_its_hash_among_those_that_are_known(
    scrip: Deployment, account: str, contexts: Contexts
) -> None:
    """Names are read where none fits, and remembered: for the next wallet, also of another account."""
    scrip.put("/v1/units/images", {"precision": 0})
    images = wallet_hash(account, "images")
    assert len(reads(scrip, lambda: contexts.unit_of(account, images))) == 1
    assert contexts.unit_of(account, images) == "images"
    assert reads(scrip, lambda: contexts.unit_of("other", wallet_hash("other", "images"))) == []
    assert contexts.unit_of("other", images) is None
    scrip.put("/v1/units/later", {"precision": 0})
    assert contexts.unit_of(account, wallet_hash(account, "later")) == "later"
    assert contexts.units() == ["credits", "images", "later"]


def test_a_sidecar_that_never_changes_is_read_where_it_is_not_remembered(
    scrip: Deployment, account: str
) -> None:
    scrip.grant(account, "10", reference={"type": "job", "id": "j1"})
    executor, note = runtime.executor(), {"source": ["job", "j1"]}
    cold = Contexts(runtime.tables())
    assert cold.sidecar(account, "credits", ("note", "1")) == note
    assert cold.sidecar(account, "credits", ("note", "2")) is None
    assert executor.sidecar(account, "credits", ("note", "1")) == note
    executor.forget(account, "credits")
    assert len(reads(scrip, lambda: executor.context(account, "credits"))) == 1


def test_where_no_time_is_left_nothing_more_is_read(scrip: Deployment, account: str) -> None:
    scrip.grant(account, "10", reference={"type": "job", "id": "j1"})
    left = [True, False]
    contexts = Contexts(runtime.tables(), in_time=lambda: left.pop(0))
    snapshot = contexts.context(account, "credits").snapshot
    assert contexts.complete(snapshot, lambda: Draft(snapshot).sidecar("note", "1"))
    with pytest.raises(CatchingUp):
        contexts.complete(snapshot, lambda: Draft(snapshot).sidecar("note", "2"))
