"""What a notice says, and the id that it has for ever."""

from __future__ import annotations

import re
from dataclasses import replace

from scrip.domain.credits.units import default_unit
from scrip.domain.events.lots import NOTICE_PATTERN, lot_expiring, notice_id
from scrip.domain.wallets.notices import Notice
from tests.domain.builders import START, lot

NOTICE = Notice(lot("100 exp=+7d", seq=3), "P1D", START + 6 * 86_400_000, START + 7 * 86_400_000)


def test_a_notice_says_what_is_left_and_when_it_ends() -> None:
    held = NOTICE._replace(lot=NOTICE.lot._replace(remaining=60, held=30))
    fact = lot_expiring("acme", default_unit(), held, START)
    assert (fact.seq, fact.remaining, fact.span, fact.at, fact.required) == (3, 60, "P1D", START, False)
    assert fact.expires_at == START + 7 * 86_400_000
    assert re.fullmatch(r"lot_.{12}_3", fact.lot_id)


def test_it_is_required_of_a_paid_lot_whose_terms_say_so() -> None:
    for text, notices, required in (
        ("1 exp=+7d", 3, False),
        ("1 exp=+7d cost=5USD", 2, False),
        ("1 exp=+7d cost=5USD", 3, True),
    ):
        one = NOTICE._replace(lot=lot(text, notices=notices))
        assert lot_expiring("acme", default_unit(), one, START).required is required


def test_an_id_is_of_one_lot_one_span_and_one_end_and_ids_sort_as_notices_are_due() -> None:
    first = notice_id("acme", "credits", NOTICE)
    assert re.fullmatch(NOTICE_PATTERN, first)
    assert notice_id("acme", "credits", NOTICE._replace(lot=NOTICE.lot._replace(remaining=1))) == first
    others = {
        notice_id("beta", "credits", NOTICE),
        notice_id("acme", "images", NOTICE),
        notice_id("acme", "credits", NOTICE._replace(lot=lot("1", seq=4))),
        notice_id("acme", "credits", NOTICE._replace(span="P2D")),
        notice_id("acme", "credits", NOTICE._replace(expires_at=NOTICE.expires_at + 1)),
    }
    assert len(others | {first}) == 6
    assert notice_id("acme", "credits", NOTICE._replace(at=NOTICE.at + 1)) > first
    assert replace(default_unit(), name="x").unit == "credits"
