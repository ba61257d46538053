"""All alarms, in one table; and each set off once, by the least that must set it off, and quiet at a little less."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import pytest

from tests.template.cloudwatch import goes_off
from tests.template.reading import ROOT, folder_of, functions, resources, setting, target, template

ALARMS: Final = resources("AWS::CloudWatch::Alarm")

HANDLERS: Final = [name.removesuffix("Function") for name in functions()]
SKEWED: Final = [
    "Burns",
    "Usage",
    "UsageEvents",
    "Grants",
    "Corrections",
    "Redemptions",
    "Allowances",
    "Refunds",
    "Payments",
    "Notifications",
]

TABLE: Final = {
    # Something waits for a person, from the first message on.
    **{
        name: f"AWS/SQS ApproximateNumberOfMessagesVisible QueueName={queue} Maximum>=1 60x1"
        for name, queue in (
            ("PaymentsDeadLetterAlarm", "PaymentsDeadLetterQueue"),
            ("InquiriesDeadLetterAlarm", "InquiriesDeadLetterQueue"),
            ("AutoTopupsDeadLetterAlarm", "AutoTopupsDeadLetterQueue"),
            ("SchedulesDeadLetterAlarm", "SchedulesDeadLetterQueue"),
            ("ExpiryDeadLetterAlarm", "ExpiryDeadLetterQueue"),
            ("LedgerTamperedAlarm", "EvidenceQueue"),
            ("ArchiveDeadLetterAlarm", "ArchiveDeadLetterQueue"),
            ("OutboxDeadLetterAlarm", "OutboxDeadLetterQueue"),
            ("NoticesDeadLetterAlarm", "NoticesDeadLetterQueue"),
            ("MailDeadLetterAlarm", "MailDeadLetterQueue"),
            ("UsageDeadLetterAlarm", "UsageDeadLetterQueue"),
            ("EventsDeadLetterAlarm", "EventsDeadLetterQueue"),
            ("ReplaysDeadLetterAlarm", "ReplaysDeadLetterQueue"),
            ("ReportsDeadLetterAlarm", "ReportsDeadLetterQueue"),
            ("WebhooksOutDeadLetterAlarm", "WebhooksOutDeadLetterQueue"),
        )
    },
    # Measured every five minutes.
    "PaymentsParkedAlarm": "Scrip PaymentsParkedOverHour service=payments Maximum>=1 300x1",
    "DeliveriesWaitingAlarm": "Scrip DeliveriesWaitingOverHour service=payments Maximum>=1 300x1",
    "ReconciliationFindingsAlarm": "Scrip ReconciliationFindings service=reconciliation Maximum>=1 60x1",
    "VerificationFindingsAlarm": "Scrip VerificationFindings service=verification Maximum>=1 60x1",
    # The code counts the hours: however seldom it runs, one run is enough.
    "ReconciliationStoppedAlarm": "Scrip ReconciliationStoppedHours service=reconciliation Maximum>=6 3600x1",
    # Four shares say once a day that they are through.
    "VerificationOverdueAlarm": "Scrip VerifiedWallets service=verification SampleCount<4 86400x2 missing=on",
    # Tried once an hour: three times it is no passing trouble.
    "ArchiveIncompleteAlarm": "Scrip ArchiveIncomplete service=reports Maximum>=1 3600x3",
    # Once: lots do not end, for which somebody is to see to it that notices arrive.
    "EndsMovedAlarm": "Scrip EndMovedUnannounced service=outbox Sum>=1 60x1",
    "WebhookSecretMissingAlarm": "Scrip WebhookSecretMissing service=webhooks Sum>=1 60x1",
    "WebhookUnavailableAlarm": "Scrip WebhookUnavailable service=webhooks Sum>=1 60x1",
    # Now and then somebody tries; twenty are a wrong secret, or an attack.
    "WebhookRefusedAlarm": "Scrip WebhookRefused service=webhooks Sum>=20 300x1",
    "AutoTopupSuspendedAlarm": "Scrip AutoTopupSuspended service=auto_topups Sum>=1 60x1",
    "AutoTopupRefusedAlarm": "Scrip AutoTopupRefused service=auto_topups Sum>=1 60x1",
    "WebhookEndpointDisabledAlarm": "Scrip WebhookEndpointDisabled service=sender Sum>=1 60x1",
    "EventsLateAlarm": "AWS/SQS ApproximateAgeOfOldestMessage QueueName=EventsQueue Maximum>=300 60x1",
    "UsageLateAlarm": "AWS/SQS ApproximateAgeOfOldestMessage QueueName=UsageQueue Maximum>=300 60x1",
    "PaymentsLateAlarm": "AWS/SQS ApproximateAgeOfOldestMessage QueueName=PaymentsQueue Maximum>=300 60x1",
    # Of the day for which a stream keeps a record, 23 hours are left.
    "LedgerStreamLateAlarm": "AWS/Lambda IteratorAge FunctionName=ArchiveFunction Maximum>=3600000 60x1",
    # Entries are found within seconds; minutes are no passing trouble.
    "OutboxLateAlarm": "AWS/Lambda IteratorAge FunctionName=OutboxFunction Maximum>=300000 60x1",
    "ApiErrorsAlarm": "AWS/ApiGateway 5xx ApiId=Api Sum>=5 60x1",
    # At least two of the slowest schedule that the parameter allows: the one that falls on a border is in one of them.
    "ExpiryScheduleAlarm": "AWS/Events Invocations RuleName=ExpiryRule Sum<1 3600x2 missing=on",
    "ParkedScheduleAlarm": "AWS/Events Invocations RuleName=ParkedRule Sum<1 1800x2 missing=on",
    "DunningScheduleAlarm": "AWS/Events Invocations RuleName=DunningRule Sum<1 300x2 missing=on",
    "ReportsScheduleAlarm": "AWS/Events Invocations RuleName=ReportsRule Sum<1 7200x2 missing=on",
    "RunOutScheduleAlarm": "AWS/Events Invocations RuleName=RunOutRule Sum<1 7200x2 missing=on",
    "OutboxScheduleAlarm": "AWS/Events Invocations RuleName=OutboxRule Sum<1 300x2 missing=on",
    "AutoTopupsScheduleAlarm": "AWS/Events Invocations RuleName=AutoTopupsRule Sum<1 300x2 missing=on",
    "NotificationsScheduleAlarm": "AWS/Events Invocations RuleName=NotificationsRule Sum<1 300x2 missing=on",
    "ReconciliationScheduleAlarm": "AWS/Events Invocations RuleName=ReconciliationRule Sum<1 86400x2 missing=on",
    # Of all functions in the account: they share its concurrency.
    "LambdaThrottledAlarm": "AWS/Lambda Throttles Sum>=1 60x1",
    # Single throttles come with growing traffic, and are tried again.
    **{
        f"{table}{kind}sThrottledAlarm": f"AWS/DynamoDB {kind}ThrottleEvents TableName={table}Table Sum>=10 60x1"
        for table in ("Wallets", "Ledger", "Deliveries", "Keys", "Notifications")
        for kind in ("Read", "Write")
    },
    **{
        f"{index.capitalize()}{kind}sThrottledAlarm": (
            f"AWS/DynamoDB {kind}ThrottleEvents TableName={table}Table GlobalSecondaryIndexName={index} Sum>=10 60x1"
        )
        for index, table in (
            ("due", "Wallets"),
            ("timeline", "Ledger"),
            ("unapplied", "Deliveries"),
            ("waiting", "Notifications"),
        )
        for kind in ("Read", "Write")
    },
    # A client with a key that was deleted comes to ten: the gateway remembers its answer for 30 s.
    "FalseKeysAlarm": "Scrip Unauthorized service=authorizer Sum>=100 300x1",
    # A refusal is no error: every error is a defect, or a limit of the account.
    **{
        f"{name}ErrorsAlarm": f"AWS/Lambda Errors FunctionName={name}Function Sum>=1 60x1"
        for name in HANDLERS
    },
    **{
        f"{name}ClockSkewAlarm": f"Scrip ClockSkew service={folder_of(f'{name}Function')} Sum>=1 60x1"
        for name in SKEWED
    },
}
"""Metric, dimensions, what breaches, seconds of a period and how many of them, and whether no data is ``on``."""

DAY: Final = 86_400
Points = list[tuple[float, float]]

NEAR: Final[dict[str, tuple[int, Points, Points]]] = {
    # Daily runs against a provider that is down: at the first it has stopped for 0 h, at the second for 24.
    "ReconciliationStoppedAlarm": (3600, [(10, 24)], [(10, 0), (900, 5)]),
    "VerificationOverdueAlarm": (
        2 * DAY,
        [(at + share, 500) for at in (60, DAY + 60) for share in range(3)],
        [(60 + share, 500) for share in range(4)],
    ),
    "WebhookRefusedAlarm": (300, [(at, 1) for at in range(20)], [(at, 1) for at in range(19)]),
    "PaymentsLateAlarm": (60, [(10, 300)], [(10, 299), (50, 20)]),
    "UsageLateAlarm": (60, [(10, 300)], [(10, 299), (50, 20)]),
    "EventsLateAlarm": (60, [(10, 300)], [(10, 299), (50, 20)]),
    "NotificationsScheduleAlarm": (600, [], [(299, 5)]),
    "AutoTopupsScheduleAlarm": (600, [], [(299, 5)]),
    "LedgerStreamLateAlarm": (60, [(10, 3_600_000)], [(10, 3_599_999)]),
    "OutboxLateAlarm": (60, [(10, 300_000)], [(10, 299_999)]),
    "DunningScheduleAlarm": (600, [], [(299, 5)]),
    "ReportsScheduleAlarm": (14400, [], [(7199, 4)]),
    "RunOutScheduleAlarm": (14400, [], [(7199, 4)]),
    "ArchiveIncompleteAlarm": (10800, [(60, 1), (3660, 1), (7260, 2)], [(60, 1), (3660, 1)]),
    "OutboxScheduleAlarm": (600, [], [(299, 5)]),
    "ApiErrorsAlarm": (60, [(1, 2), (2, 3)], [(1, 2), (2, 2)]),
    "FalseKeysAlarm": (300, [(at, 1) for at in range(100)], [(at, 1) for at in range(99)]),
    "ExpiryScheduleAlarm": (7200, [], [(3599, 4)]),
    "ParkedScheduleAlarm": (3600, [], [(1799, 1)]),
    "ReconciliationScheduleAlarm": (2 * DAY, [], [(DAY - 1, 1)]),
    **{name: (60, [(1, 4), (2, 6)], [(1, 4), (2, 5)]) for name in TABLE if "sThrottledAlarm" in name},
}
"""When it is looked, what must set the alarm off, and what must not yet. All others: one, and none."""


def described(alarm: dict[str, Any]) -> str:
    dimensions = [
        f"{one['Name']}={one['Value'] if isinstance(one['Value'], str) else target(one['Value'])}"
        for one in alarm.get("Dimensions", [])
    ]
    for one in alarm.get("Dimensions", []):
        if one["Name"] == "QueueName":
            assert one["Value"]["Fn::GetAtt"][1] == "QueueName", "the name, not the Arn nor the URL"
    sign = {"GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<"}[alarm["ComparisonOperator"]]
    words = [
        alarm["Namespace"],
        alarm["MetricName"],
        *dimensions,
        f"{alarm['Statistic']}{sign}{alarm['Threshold']}",
        f"{alarm['Period']}x{alarm['EvaluationPeriods']}",
        *(["missing=on"] if alarm["TreatMissingData"] == "breaching" else []),
    ]
    return " ".join(words)


def test_alarms_are_these() -> None:
    assert {name: described(alarm) for name, alarm in ALARMS.items()} == TABLE


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_has_nothing_that_the_table_does_not_say(name: str) -> None:
    """``DatapointsToAlarm``, ``ActionsEnabled`` or a unit would let it look well, and never go off."""
    assert set(ALARMS[name]) - {"Dimensions"} == {
        *("AlarmDescription", "AlarmActions", "Namespace", "MetricName", "Statistic", "Threshold"),
        *("ComparisonOperator", "Period", "EvaluationPeriods", "TreatMissingData"),
    }
    assert ALARMS[name]["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert ALARMS[name]["TreatMissingData"] in ("breaching", "notBreaching")
    assert ALARMS[name]["AlarmDescription"]
    assert len(ALARMS[name].get("Dimensions", [])) == TABLE[name].count("=") - TABLE[name].count(
        ">="
    ) - TABLE[name].count("missing=")


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_is_set_off_by_what_it_waits_for_and_not_by_less(name: str) -> None:
    until, enough, less = NEAR.get(name, (ALARMS[name]["Period"], [(1, 1)], []))
    assert goes_off(ALARMS[name], enough, until)
    assert not goes_off(ALARMS[name], less, until)


def test_a_metric_of_scrips_own_is_written_by_the_function_that_the_alarm_names() -> None:
    """By its own code, or by what all functions run; else the alarm could never go off."""
    shared = (ROOT / "layers/scrip/scrip/runtime.py").read_text()
    own = {
        (alarm["MetricName"], alarm["Dimensions"][0]["Value"])
        for alarm in ALARMS.values()
        if alarm["Namespace"] == "Scrip"
    }
    assert len(own) == 15 + len(SKEWED)
    for metric, service in own:
        code = (ROOT / "functions" / service / "app.py").read_text() + shared
        assert re.search(rf'(count|measure)\(\s*[^)]*"{metric}"', code), (metric, service)
    assert (
        template()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
        == "Scrip"
    )


def test_periods_are_such_as_cloudwatch_takes() -> None:
    """Of an hour and longer it looks back for a week at the most, of shorter ones for a day."""
    for name, alarm in ALARMS.items():
        period, together = alarm["Period"], alarm["Period"] * alarm["EvaluationPeriods"]
        assert period % 60 == 0, name
        assert together <= (7 * DAY if period >= 3600 else DAY), name


def test_every_schedule_that_stops_is_missed() -> None:
    """The verification's by what it measures at its end, the others' by EventBridge's own count. What fits a pattern
    of events is no schedule."""
    watched = Counter(
        target(alarm["Dimensions"][0]["Value"])
        for alarm in ALARMS.values()
        if alarm["Namespace"] == "AWS/Events"
    )
    assert watched == Counter(
        set(resources("AWS::Events::Rule")) - {"VerificationRule", "EventsRule", "MailRule", "UsageRule"}
    )


def test_every_table_and_every_index_has_an_alarm_for_its_reads_and_its_writes() -> None:
    """An index that is full holds up the writes of its table, and counts them as its own."""
    expected = set()
    for name, table in resources("AWS::DynamoDB::Table").items():
        expected.add((name, None))
        expected |= {(name, index["IndexName"]) for index in table.get("GlobalSecondaryIndexes", [])}
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        watched = set()
        for alarm in ALARMS.values():
            if alarm["MetricName"] == metric:
                of = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
                watched.add((target(of["TableName"]), of.get("GlobalSecondaryIndexName")))
        assert watched == expected


def test_functions_have_no_concurrency_of_their_own() -> None:
    """Else a throttle of one were none of the account's; a share that is reserved is taken from all others."""
    assert all(setting(function, "ReservedConcurrentExecutions") is None for function in functions().values())
