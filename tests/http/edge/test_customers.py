"""What a key of one account is shown of an answer: who and why are left out at any depth, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.http.edge.answers import answer
from scrip.http.edge.customers import HIDDEN, for_customer, shown
from tests.domain.builders import steady

NAMES = st.sampled_from(
    ["actor", "reason", "actor_name", "metadata", "items", "internal.x", "amount", "entry"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["reason", "internal.x", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ({"actor": "key:1", "reason": None, "at": "x"}, {"at": "x"}),
        ({"entry": {"reason": "r", "seq": 1}}, {"entry": {"seq": 1}}),
        ({"items": [{"actor_name": "Ann"}, {"seq": 2}]}, {"items": [{}, {"seq": 2}]}),
        (
            {"metadata": {"internal.cost": "1", "internal": "2", "actor": "3"}},
            {"metadata": {"internal": "2"}},
        ),
        ({"internal.cost": "1"}, {"internal.cost": "1"}),
        ({"metadata": "internal.x"}, {"metadata": "internal.x"}),
        ({"detail": "a reason"}, {"detail": "a reason"}),
    ],
)
def test_what_is_left_out(told: Any, left: Any) -> None:
    """A customer's own metadata named ``actor`` goes too: better a name too many than one too few."""
    assert shown(told) == left


@steady
@given(ANYTHING)
def test_nothing_hidden_is_left_at_any_depth_and_all_else_is(value: Any) -> None:
    def names(node: Any, inside: str = "") -> set[str]:
        if isinstance(node, list):
            return set().union(*(names(member, inside) for member in node)) if node else set()
        if not isinstance(node, dict):
            return set()
        here = {f"{inside}.{name}" if inside == "metadata" else name for name in node}
        return here.union(*(names(member, name) for name, member in node.items()))

    left = names(shown(value))
    assert not left & HIDDEN
    assert not [name for name in left if name.startswith("metadata.internal.")]
    assert shown(shown(value)) == shown(value)
    if not names(value) & (HIDDEN | {"metadata"}):
        assert shown(value) == value


def test_an_answer_keeps_its_status_and_its_headers_and_a_refusal_all_that_it_says() -> None:
    reply = for_customer(answer(201, {"reason": "r", "seq": 1}, idempotent_replay="true"))
    assert (reply["statusCode"], json.loads(reply["body"])) == (201, {"seq": 1})
    assert reply["headers"]["idempotent-replay"] == "true"
    problem = {"statusCode": 402, "headers": {}, "body": '{"reason":"r"}'}
    assert for_customer(problem) == problem
    assert for_customer({"statusCode": 204}) == {"statusCode": 204}
