"""What people can read as a name."""

from __future__ import annotations

import pytest

from scrip.domain.accounts.names import check_name


@pytest.mark.parametrize(
    "name",
    [
        "Ann",
        "Ann Example",
        "O'Neil-Smith, Jr.",
        "李雷",
        "محمد",
        "José Ñandú",
        "Nguyễn Thị",
        "X Æ A-12",
        "👩‍🚀 Ann",
    ],
)
def test_what_can_be_read_is_a_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "\u3000", "\u200b", "\u200d\u200d", "Ann\x00", "Ann\nExample", "Ann\tExample", "\x7f", "Ann\x85",
     "a\u2028b", "a\u202eb", "\u2066a", "\ue000"],
)  # fmt: skip
def test_what_cannot_be_read_or_changes_what_follows_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="must have letters"):
        check_name(name)
