"""An alarm of CloudWatch, as its documentation says that it is evaluated: points are gathered by period, and the last
``EvaluationPeriods`` of them must all breach; a period without points is what ``TreatMissingData`` says.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from tests.template.reading import Node

STATISTICS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "Sum": sum,
    "Maximum": max,
    "SampleCount": len,
}
COMPARED: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}
MISSING: Final = {"breaching": True, "notBreaching": False}


def goes_off(alarm: Node, points: Iterable[tuple[float, float]], until: int) -> bool:
    """Whether the alarm is on at second ``until``, which ends a period, after points of (second, value)."""
    period, number = alarm["Period"], alarm["EvaluationPeriods"]
    gathered: dict[int, list[float]] = {}
    for second, value in points:
        assert 0 <= second < until
        gathered.setdefault(int(second) // period, []).append(value)
    last = until // period
    return all(_breaches(alarm, gathered.get(at)) for at in range(last - number, last))


def _breaches(alarm: Node, points: Sequence[float] | None) -> bool:
    if points is None:
        return MISSING[alarm["TreatMissingData"]]
    value = STATISTICS[alarm["Statistic"]](points)
    return COMPARED[alarm["ComparisonOperator"]](value, alarm["Threshold"])
