"""What is to be expected of a wallet: the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrip.domain.credits.steps import format_amount
from scrip.domain.credits.units import Unit
from scrip.domain.events.run_outs import of_days, per_day
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.parameters import format_instant
from scrip.http.events.run_outs import BurnRateView
from scrip.services.usage.forecasts import Forecast

if TYPE_CHECKING:
    from scrip.http.edge.forms import At, Credits


class ForecastEndView(TypedDict):
    """Credits that end at an instant."""

    at: At
    """When they end."""
    amount: Credits
    """How many of them there are now, that no hold has set aside."""
    expected_unburned: Credits
    """How many of them will be left then, if credits are burned at the rate, in burn order."""


class ForecastView(TypedDict):
    """What is to be expected if credits are used as they were, and none come."""

    burn_rate: BurnRateView
    """How fast they were used: in the last 28 days, or since the first use, and at least in one day."""
    run_out_at: At | None
    """When nothing is left; null where nothing was used."""
    expiring: list[ForecastEndView]
    """The 100 next ends of credits, the soonest first."""


def forecast_view(forecast: Forecast, unit: Unit) -> ForecastView:
    """Shows a forecast."""
    precision, run_out_at = unit.precision, forecast.run_out_at
    return {
        "burn_rate": {
            "per_day": format_amount(per_day(forecast.used, forecast.in_ms), precision),
            "days": of_days(forecast.in_ms),
        },
        "run_out_at": None if run_out_at is None else format_instant(run_out_at),
        "expiring": [
            {
                "at": format_instant(one.at),
                "amount": format_amount(one.steps, precision),
                "expected_unburned": format_amount(one.unburned, precision),
            }
            for one in forecast.ends
        ],
    }
