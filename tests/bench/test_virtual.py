"""Virtual time: it passes where all wait, and at once."""

from __future__ import annotations

import asyncio
import time

import pytest

from bench.virtual import Clock


def test_time_passes_at_once_and_in_order() -> None:
    """Tasks that wait 3 and 2 hours, and functions that sleep an hour twice: 1, 2 and 2, 3."""
    clock, seen = Clock(), list[tuple[str, float]]()

    async def task(name: str, hours: float) -> None:
        await asyncio.sleep(hours * 3600)
        seen.append((name, clock.now / 3600))

    def function() -> str:
        clock.sleep(3600)
        seen.append(("function", clock.now / 3600))
        clock.sleep(3600)
        return "done"

    async def main() -> str:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(task("late", 3))
            tasks.create_task(task("soon", 2))
            return await clock.serve(function)

    began = time.monotonic()
    assert clock.run(main()) == "done"
    assert seen == [("function", 1), ("soon", 2), ("late", 3)]
    assert time.monotonic() - began < 5


def test_functions_take_turns() -> None:
    """Two that count up to what the other has left: each finds it as it left it, since one runs at a time."""
    clock, count = Clock(), [0]

    def function() -> None:
        for _ in range(100):
            seen = count[0]
            sum(range(100))
            count[0] = seen + 1
            clock.sleep(0.001)

    async def main() -> None:
        await asyncio.gather(*(clock.serve(function) for _ in range(8)))

    clock.run(main())
    assert count == [800]
    assert round(clock.now, 6) == 0.1


def test_what_a_function_raises_its_caller_hears() -> None:
    def function() -> None:
        raise LookupError("not there")

    with pytest.raises(LookupError, match="not there"):
        Clock().run(Clock().serve(function))


def test_a_function_goes_on_though_nobody_waits_for_it() -> None:
    clock, done = Clock(), list[float]()

    def function() -> None:
        clock.sleep(2)
        done.append(clock.now)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(clock.serve(function), 1)
        assert (clock.now, done) == (1, [])
        await asyncio.sleep(5)

    clock.run(main())
    assert done == [2]


def test_where_all_wait_for_nothing_that_is_said() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will happen"):
        Clock().run(main())
