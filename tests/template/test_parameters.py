"""What may be said at a deployment, and what must be: judged by the local AWS's own reading of CloudFormation."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from ministack.services.cloudformation import engine

from tests.template.reading import environment, functions, resources, template

ALL: Final = {"AlarmEmail": "ops@example.com", "DodoBusinessId": "bus_wk4Topups9", "StripeLivemode": "true"}
"""What production has to say."""

DAYS: Final = [
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
]
"""For how many days CloudWatch can keep logs: its own list."""

PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "Environment": {"Default": "dev", "AllowedValues": ["dev", "staging", "prod"]},
    "TestClock": {"Default": "disabled", "AllowedValues": ["enabled", "disabled"]},
    "BurnEvents": {"Default": "enabled", "AllowedValues": ["enabled", "disabled"]},
    "Commit": {"Default": "", "AllowedPattern": r"^[0-9a-f]{0,64}$"},
    "DodoBaseUrl": {"Default": "", "AllowedPattern": r"^(https?://[^\s]+)?$"},
    "StripeBaseUrl": {"Default": "", "AllowedPattern": r"^(https?://[^\s]+)?$"},
    "DodoBusinessId": {"Default": "", "AllowedPattern": r"^(none|bus_\w+)?$"},
    "StripeLivemode": {"Default": "", "AllowedValues": ["", "true", "false", "none"]},
    "SharedProviders": {
        "Default": "",
        "AllowedPattern": r"^((dodo|stripe|paddle|standard)(,(dodo|stripe|paddle|standard))*)?$",
    },
    # Exact origins: no star, no path.
    "CorsOrigins": {
        "Default": "",
        "AllowedPattern": (
            r"^((https://[^\s,/*]+|http://(localhost|127\.0\.0\.1)(:\d+)?)"
            r"(,(https://[^\s,/*]+|http://(localhost|127\.0\.0\.1)(:\d+)?))*)?$"
        ),
    },
    # An address alone, with no name before it: it is in a condition on rights.
    "EmailFrom": {"Default": "", "AllowedPattern": r"^([^\s@<>]+@[^\s@<>]+)?$"},
    # What a path can follow.
    "PublicUrl": {
        "Default": "",
        "AllowedPattern": (r"^(https://[^\s/?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?[^\s?#]*[^\s?#/])?$"),
    },
    "JwtIssuer": {
        "Default": "",
        "AllowedPattern": r"^(https://[^\s,]+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?)?$",
    },
    "JwtAudience": {"Default": "", "AllowedPattern": r"^\S*$"},
    # Personal data: a month, unless somebody wants it otherwise.
    "DeliveryRetentionDays": {"Default": 30, "MinValue": 1, "MaxValue": 3650},
    # No lock, unless somebody wants one: nobody could take anything back for so long.
    "ArchiveLockDays": {"Default": 0, "MinValue": 0, "MaxValue": 36500},
    "AlarmEmail": {"Default": "", "AllowedPattern": r"^(none|[^\s@]+@[^\s@]+)?$"},
    "LogRetentionDays": {"Default": 30, "AllowedValues": DAYS},
    "ExpirySchedule": {
        "Default": "rate(1 minute)",
        "AllowedPattern": r"^(rate\((1 minute|([2-9]|[1-5]\d|60) minutes|1 hour)\)|cron\(.+\))$",
    },
    "ReconciliationSchedule": {
        "Default": "rate(15 minutes)",
        "AllowedPattern": (
            r"^(rate\((1 minute|([2-9]|[1-9]\d{1,2}) minutes|1 hour|([2-9]|1\d|2[0-4]) hours|1 day)\)|cron\(.+\))$"
        ),
    },
    "ReconciliationDays": {"Default": 3, "MinValue": 1, "MaxValue": 30},
    # More than a new account's concurrency answers, and less than what costs a fortune overnight.
    "ApiRateLimit": {"Default": 1000, "MinValue": 1},
    "ApiBurstLimit": {"Default": 2000, "MinValue": 1},
    "BillingMode": {"Default": "PAY_PER_REQUEST", "AllowedValues": ["PAY_PER_REQUEST", "PROVISIONED"]},
    "LeastReadUnits": {"Default": 25, "MinValue": 1},
    "MostReadUnits": {"Default": 500, "MinValue": 1},
    "LeastWriteUnits": {"Default": 25, "MinValue": 1},
    "MostWriteUnits": {"Default": 500, "MinValue": 1},
    # What a new table on demand has: 12 000 reads and 4 000 writes a second. DynamoDB refuses less.
    "WarmReadUnits": {"Default": 12000, "MinValue": 12000},
    "WarmWriteUnits": {"Default": 4000, "MinValue": 4000},
    "LedgerTableClass": {"Default": "STANDARD", "AllowedValues": ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]},
}


def deployed(**given: str) -> dict[str, bool]:
    """The template's conditions under these parameters.

    Raises:
        ValueError: CloudFormation refuses them.
    """
    whole = template()
    said = [{"Key": name, "Value": value} for name, value in given.items()]
    parameters = engine._resolve_parameters(whole, said)
    conditions = engine._evaluate_conditions(whole, parameters)
    engine._check_rules_section(whole)
    engine._evaluate_rules(whole, parameters, conditions)
    return {name: bool(met) for name, met in conditions.items()}


def test_parameters_are_these() -> None:
    found = {
        name: {key: value for key, value in one.items() if key not in ("Type", "Description")}
        for name, one in template()["Parameters"].items()
    }
    assert found == PARAMETERS
    for name, one in template()["Parameters"].items():
        assert one["Type"] == ("Number" if isinstance(one["Default"], int) else "String"), name
        assert one["Description"]


def test_production_that_says_everything_is_deployed() -> None:
    assert deployed(Environment="prod", **ALL)["HasAlarmEmail"]
    assert deployed(Environment="prod", **{**ALL, "StripeLivemode": "false"})


@pytest.mark.parametrize("name", sorted(ALL))
def test_production_that_leaves_out_who_is_told_or_whose_payments_are_ours_is_refused_by_name(
    name: str,
) -> None:
    rest = {key: value for key, value in ALL.items() if key != name}
    with pytest.raises(ValueError, match=f"Where Environment is prod, {name} must be .*none"):
        deployed(Environment="prod", **rest)
    with pytest.raises(ValueError, match=name):
        deployed(Environment="prod", **{**ALL, name: ""})


@pytest.mark.parametrize("name", sorted(ALL))
def test_production_may_say_that_there_is_none_and_then_none_is_used(name: str) -> None:
    conditions = deployed(Environment="prod", **{**ALL, name: "none"})
    assert conditions["HasAlarmEmail"] == (name != "AlarmEmail")


@pytest.mark.parametrize("where", ["dev", "staging"])
def test_elsewhere_nothing_has_to_be_said(where: str) -> None:
    conditions = deployed(Environment=where)
    assert not conditions["HasAlarmEmail"]
    assert conditions["IsProtected"] is (where != "dev")
    assert deployed(Environment=where, TestClock="enabled")


def test_production_has_no_test_clock() -> None:
    with pytest.raises(ValueError, match="TestClock must be disabled where Environment is prod"):
        deployed(Environment="prod", TestClock="enabled", **ALL)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AlarmEmail", "None"),  # would be an address that no mail reaches
        ("AlarmEmail", "ops"),
        ("AlarmEmail", "ops@example.com "),
        ("DodoBusinessId", "None"),  # would park every payment
        ("DodoBusinessId", "wk4Topups9"),
        ("StripeLivemode", "True"),
        ("StripeLivemode", "live"),
        ("DodoBaseUrl", "test.dodopayments.com"),
        ("StripeBaseUrl", "ftp://stripe"),
        ("Environment", "production"),
        ("ExpirySchedule", "rate(2 hours)"),
        ("ExpirySchedule", "rate(61 minutes)"),
        ("ExpirySchedule", "rate(1 day)"),
        ("ExpirySchedule", "every minute"),
        ("ReconciliationSchedule", "rate(2 days)"),
        ("ReconciliationSchedule", "rate(25 hours)"),
        ("DeliveryRetentionDays", "0"),
        ("DeliveryRetentionDays", "3651"),
        ("ReconciliationDays", "31"),
        ("LogRetentionDays", "31"),
        ("ApiRateLimit", "0"),
        ("ApiBurstLimit", "0"),
        ("BillingMode", "ON_DEMAND"),
        ("LeastReadUnits", "0"),
        ("MostWriteUnits", "0"),
        ("WarmReadUnits", "11999"),
        ("WarmReadUnits", "0"),
        ("WarmWriteUnits", "3999"),
        ("LedgerTableClass", "INFREQUENT"),
        ("CorsOrigins", "*"),
        ("CorsOrigins", "https://*.example.test"),
        ("CorsOrigins", "https://shop.example.test/"),
        ("CorsOrigins", "shop.example.test"),
        ("CorsOrigins", "http://shop.example.test"),
        ("CorsOrigins", "https://a.example.test, https://b.example.test"),
        ("EmailFrom", "credits"),
        ("EmailFrom", "Scrip <credits@example.test>"),
        ("PublicUrl", "http://api.example.test"),
        ("PublicUrl", "https://api.example.test/"),
        ("PublicUrl", "api.example.test"),
        ("JwtIssuer", "http://id.example.test"),
        ("JwtIssuer", "id.example.test"),
        ("JwtAudience", "two words"),
    ],
)
def test_what_is_misspelled_or_out_of_bounds_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        deployed(**{name: value})


@pytest.mark.parametrize(
    "value", ["rate(1 minute)", "rate(60 minutes)", "rate(1 hour)", "cron(0/5 * * * ? *)"]
)
def test_a_schedule_of_an_hour_at_the_most_is_taken_by_both(value: str) -> None:
    assert deployed(ExpirySchedule=value, ReconciliationSchedule=value)


@pytest.mark.parametrize("value", ["rate(999 minutes)", "rate(24 hours)", "rate(1 day)"])
def test_reconciliation_may_be_as_slow_as_once_a_day(value: str) -> None:
    assert deployed(ReconciliationSchedule=value)


@pytest.mark.parametrize("value", ["dodo", "stripe,dodo", "paddle,standard,stripe,dodo", ""])
def test_providers_whose_account_is_shared_are_listed(value: str) -> None:
    assert deployed(SharedProviders=value)


@pytest.mark.parametrize("value", ["Dodo", "dodo, stripe", "dodo,", "paypal", "none"])
def test_a_provider_that_there_is_not_is_not_shared(value: str) -> None:
    with pytest.raises(ValueError, match="SharedProviders"):
        deployed(SharedProviders=value)


def test_whose_payments_are_ours_is_known_to_who_takes_them_in() -> None:
    known = environment(functions()["WebhooksFunction"])
    assert known["SCRIP_DODO_OURS"] == {"Ref": "DodoBusinessId"}
    assert known["SCRIP_STRIPE_OURS"] == {"Ref": "StripeLivemode"}
    assert (known["SCRIP_STANDARD_OURS"], known["SCRIP_PADDLE_OURS"]) == ("", "")


def test_browsers_may_call_from_the_origins_that_are_said_and_from_no_other() -> None:
    """By the gateway alone, and not at all where none is said."""
    assert not deployed()["HasCorsOrigins"]
    assert deployed(CorsOrigins="https://shop.example.test,http://localhost:3000")["HasCorsOrigins"]
    (api,) = resources("AWS::ApiGatewayV2::Api").values()
    condition, said, none = api["CorsConfiguration"]["Fn::If"]
    assert (condition, none) == ("HasCorsOrigins", {"Ref": "AWS::NoValue"})
    assert said.pop("AllowOrigins") == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}
    assert said == {
        "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
        "AllowHeaders": ["authorization", "content-type", "idempotency-key", "scrip-test-clock"],
        "ExposeHeaders": ["idempotent-replay", "link", "request-id", "retry-after"],
        "MaxAge": 600,
    }
    methods = {
        route["RouteKey"].partition(" ")[0] for route in resources("AWS::ApiGatewayV2::Route").values()
    }
    assert methods - {"$default"} == set(said["AllowMethods"])


def test_tokens_are_taken_from_an_issuer_only_where_it_is_said_for_whom_they_must_be() -> None:
    with pytest.raises(
        ValueError, match="Where JwtIssuer is given, JwtAudience must be for whom its tokens are"
    ):
        deployed(JwtIssuer="https://id.example.test/")
    assert deployed(JwtIssuer="https://id.example.test/", JwtAudience="scrip")
    known = environment(functions()["AuthorizerFunction"])
    assert (known["SCRIP_JWT_ISSUER"], known["SCRIP_JWT_AUDIENCE"]) == (
        {"Ref": "JwtIssuer"},
        {"Ref": "JwtAudience"},
    )


def test_every_rule_says_what_to_do() -> None:
    rules = template()["Rules"]
    production = {"Fn::Equals": [{"Ref": "Environment"}, "prod"]}
    issued = {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}]}
    assert [rule["RuleCondition"] for rule in rules.values()] == [production, production, issued]
    for rule in rules.values():
        for one in rule["Assertions"]:
            assert re.search(r"\w+ must be ", one["AssertDescription"])
    assert [len(rule["Assertions"]) for rule in rules.values()] == [1, 3, 1]


def test_tables_are_on_demand_and_as_warm_as_they_grew_unless_something_else_is_said() -> None:
    plain = deployed()
    assert not plain["IsProvisioned"]
    assert not plain["IsWarm"]
    assert deployed(BillingMode="PROVISIONED")["IsProvisioned"]
    assert not deployed(WarmReadUnits="12000", WarmWriteUnits="4000")["IsWarm"]
    assert deployed(WarmReadUnits="12001")["IsWarm"]
    assert deployed(WarmWriteUnits="40000")["IsWarm"]
    assert deployed(WarmReadUnits="120000", WarmWriteUnits="40000", BillingMode="PROVISIONED")["IsWarm"]
    assert deployed(LedgerTableClass="STANDARD_INFREQUENT_ACCESS")


def test_dodo_is_its_live_api_in_production_alone() -> None:
    urls = {where: row["BaseUrl"] for where, row in template()["Mappings"]["Dodo"].items()}
    test = "https://test.dodopayments.com"
    assert urls == {"dev": test, "staging": test, "prod": "https://live.dodopayments.com"}
    assert deployed(DodoBaseUrl="http://localhost:1")["HasDodoBaseUrl"]
    assert not deployed()["HasDodoBaseUrl"]
