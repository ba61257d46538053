"""Payment methods that are kept, as they are stored."""

from __future__ import annotations

import pytest

from scrip.domain.payments.payment_method import PaymentMethod


@pytest.mark.parametrize("method", [PaymentMethod("pm_1", "cus_1"), PaymentMethod("sub_1")])
def test_it_is_read_as_it_was_written_and_what_is_not_said_is_left_out(method: PaymentMethod) -> None:
    assert PaymentMethod.from_json(method.to_json()) == method
    assert ("customer" in method.to_json()) == (method.customer is not None)


@pytest.mark.parametrize("body", [{"name": 1}, {"name": "pm_1", "customer": None}])
def test_what_is_no_text_is_none(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is no text"):
        PaymentMethod.from_json(body)
