"""Sums of an hour: what they tell apart, what of it is bounded, and their bytes."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.usage import rollups
from scrip.domain.usage.rollups import (
    HOUR_MS,
    NAMES,
    OTHER,
    TOLD,
    By,
    HourRollup,
    Hours,
    UsedSum,
    add_all,
    pack,
    packed_parts,
    unpack,
)
from scrip.domain.usage.uses import Use
from tests.domain.builders import steady


def use(
    steps: int = 1, meter: str | None = "api", member: str | None = None, at: int = 0, **tags: str
) -> Use:
    """A use of as many as it costs, with the dimension `model`."""
    dimensions = (("model", "x"),) if meter else ()
    quantity = Fraction(steps) if meter else Fraction(0)
    return Use(at, meter, dimensions, quantity, steps, {"EUR": 2 * steps}, member, tags)


def rolled(*uses: Use) -> HourRollup:
    made = HourRollup()
    for one in uses:
        made.add(one)
    return made


def by(made: HourRollup, by: By | None) -> dict[str | None, int]:
    """Credits by value, without those of which nothing is left."""
    found: dict[str | None, int] = {}
    for value, _, one in made.sums(by):
        found[value] = found.get(value, 0) + one.steps
    return {value: steps for value, steps in found.items() if steps}


def test_what_says_no_value_is_what_is_left_of_all() -> None:
    made = rolled(use(3, member="ann", team="a"), use(4, "gpu", team="b"), use(5, None))
    assert by(made, None) == {None: 12}
    assert by(made, By("meter")) == {"api": 3, "gpu": 4, None: 5}
    assert by(made, By("member")) == {"ann": 3, None: 9}
    assert by(made, By("tag", "team")) == {"a": 3, "b": 4, None: 5}
    assert by(made, By("tag", "unknown")) == {None: 12}
    assert by(made, By("dimension", "model")) == {"x": 7, None: 5}


def test_of_many_values_the_first_are_told_apart_and_no_sum_is_lost() -> None:
    """100 pairs of a value and a meter; the others are one."""
    made = rolled(*(use(1, member=f"m{number}") for number in range(TOLD + 50)))
    found = by(made, By("member"))
    assert (len(found), found[OTHER], found["m99"]) == (TOLD + 1, 50, 1)
    # What is undone finds where it was counted: among the others, or under its own value.
    made.add(use(-1, member="m120"))
    made.add(use(-1, member="m7"))
    found = by(made, By("member"))
    assert (found[OTHER], found.get("m7"), sum(found.values())) == (49, None, TOLD + 48)
    made.add(use(1, member="new"))
    assert by(made, By("member"))[OTHER] == 50, "what was given back makes no room"


def test_of_many_meters_the_others_have_no_name() -> None:
    made = rolled(*(use(1, f"m{number}", "ann") for number in range(TOLD + 5)))
    found = by(made, By("meter"))
    assert (len(found), found[OTHER]) == (TOLD + 1, 5)
    assert by(made, By("member")) == {"ann": TOLD, OTHER: 5}
    assert by(made, None) == {None: TOLD + 5}


def test_of_many_names_of_tags_the_first_are_told_apart() -> None:
    """Whoever asks by another name is told what they have that are not told apart."""
    tagged = [use(1)._replace(tags={f"t{number:02d}": "v"}) for number in range(NAMES + 3)]
    made = rolled(*tagged, use(7))
    assert by(made, By("tag", "t00")) == {"v": 1, None: NAMES + 9}
    assert by(made, By("tag", "t22")) == {OTHER: 3, None: NAMES + 7}


def test_quantities_stay_exact_whatever_parts_were_undone() -> None:
    made = UsedSum(Fraction(10))
    for _ in range(3):
        made.add(Fraction(10, 3), 0, {}, -1)
    assert made.quantity == 0
    for number in range(1, 200):
        made.add(Fraction(1, 10**number + 7), 0, {})
    assert made.quantity.denominator <= 10**60


@steady
@given(
    st.lists(
        st.tuples(
            st.integers(-50, 50),
            st.sampled_from([None, "api", "gpu"]),
            st.sampled_from([None, "ann"]),
            st.integers(0, 30),
        )
    )
)
def test_bytes_say_all_of_it(given_uses: list[tuple[int, str | None, str | None, int]]) -> None:
    hours: Hours = {}
    add_all(
        hours,
        (use(steps, meter, member, hour * HOUR_MS) for steps, meter, member, hour in given_uses if steps),
    )
    read = unpack(pack(hours))
    assert {hour: one.to_json() for hour, one in read.items()} == {
        hour: one.to_json() for hour, one in hours.items()
    }
    for hour, one in hours.items():
        for each in (None, By("meter"), By("member"), By("dimension", "model")):
            assert by(read[hour], each) == by(one, each)


def test_what_is_too_much_for_one_item_is_cut_by_its_hours(monkeypatch: object) -> None:
    hours: Hours = {}
    for hour in range(24):
        add_all(
            hours,
            [
                use(number, member=f"member-{hour * number * 7919}", at=hour * HOUR_MS)
                for number in range(1, 60)
            ],
        )
    whole = len(pack(hours))
    before = rollups.PACKED
    try:
        rollups.PACKED = whole // 5  # type: ignore[misc]
        parts = packed_parts(hours)
    finally:
        rollups.PACKED = before  # type: ignore[misc]
    assert len(parts) > 4
    assert [first for first, _ in parts] == sorted(first for first, _ in parts)
    joined: Hours = {}
    for first, packed in parts:
        part = unpack(packed)
        assert min(part) == first
        joined |= part
    assert pack(joined) == pack(hours)


def test_the_largest_hour_fits_into_an_item() -> None:
    """Twenty names of tags and of dimensions, each with a hundred values of a hundred characters: under 400 KB."""
    made = HourRollup()
    for number in range(TOLD):
        tags = {f"tag-{name}": f"{number:03d}" + "ü" * 97 for name in range(10)}
        more = {f"other-{name}": f"{number:03d}" + "ü" * 97 for name in range(10)}
        dimensions = tuple((f"dimension-{name}", f"{number:03d}" + "ü" * 97) for name in range(10))
        money = {"EUR": 10**15 + number, "USD": 10**14 + number}
        for said in (tags, more):
            made.add(
                Use(
                    0,
                    f"meter-{number}",
                    dimensions,
                    Fraction(number, 7919),
                    10**26,
                    money,
                    f"m{number}",
                    said,
                )
            )
    assert len(pack({0: made})) < 380_000
