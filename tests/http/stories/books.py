"""The books of a month: the chart of accounts, the close of the month, and files of it that somebody takes away."""

from __future__ import annotations

from tests.http.stories.story import Story


def books(story: Story) -> None:
    """A chart, a month with a purchase and burns that is closed too early, in time and again, and an export."""
    tell, a = story.tell, "/v1/accounts/booked"
    chart = tell("GET", "/v1/chart-of-accounts")
    names = {name: said for name, said in chart.items() if name != "version"}
    tell("PUT", "/v1/chart-of-accounts", {**names, "revenue": "Sales", "promotional_expense": "Promotions"})
    cost = {"amount": 999, "currency": "USD"}
    tell("POST", f"{a}/grants", {"amount": "3", "kind": "paid", "cost_basis": cost})
    tell("POST", f"{a}/burns", {"amount": "1"})
    tell("POST", "/v1/periods/2030-01/close", {})
    tell("GET", "/v1/periods/2030-01")
    _reports(story)
    story.later(31)
    tell("POST", "/v1/periods/2030-01/close", {})
    tell("POST", "/v1/periods/2030-01/close", {})
    tell("GET", "/v1/periods/2030-01")
    story.later(28)
    tell("POST", f"{a}/burns", {"amount": "1"})
    story.later(31)
    tell("POST", "/v1/periods/2030-03/close", {})
    tell("GET", "/v1/periods", query={"limit": "1"})
    span = {"from": "2030-01-01T00:00:00Z", "to": "2030-02-01T00:00:00Z"}
    asked = {"kind": "journal", "format": "csv", "account": "booked", **span}
    export = tell("POST", "/v1/exports", asked)
    story.call(export["export_id"], "export 1")
    story.scrip.work_reports()
    tell("GET", f"/v1/exports/{export['export_id']}")
    tell("GET", "/v1/exports/exp_nothing")


def _reports(story: Story) -> None:
    """Each report of the month that runs, and pages of its journal."""
    month = {"period": "2030-01"}
    for name in ("trial-balance", "roll-forward", "breakage", "liability", "cash", "tax"):
        story.tell("GET", f"/v1/reports/{name}", query=month)
    for by in ("day", "meter", "pack", "account"):
        story.tell("GET", "/v1/reports/revenue", query={**month, "by": by})
    story.tell("GET", "/v1/reports/breakage", query={**month, "method": "proportional"})
    story.tell("GET", "/v1/reports/liability", query={**month, "by": "account"})
    story.tell("GET", "/v1/reports/journal", query={**month, "limit": "1"})
