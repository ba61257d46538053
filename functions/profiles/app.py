"""Profiles of accounts, and their erasure: the one function that may take away what providers sent of a customer."""

from typing import Any

from scrip import invocation, runtime
from scrip.http.accounts.profiles import ProfileBody, profile_view
from scrip.http.edge.answers import Answer, answer, put_answer
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.services.accounts import erasure, profiles


def put(request: HttpRequest) -> Answer:
    """Puts an account's profile in place of the one before: 201 where there was none."""
    wanted = request.body(ProfileBody).profile()
    stored, new = profiles.put(runtime.tables(), request.account, wanted, request.author())
    return put_answer(profile_view(stored), new)


def get(request: HttpRequest) -> Answer:
    """Shows an account's profile."""
    return answer(200, profile_view(profiles.get(runtime.tables(), request.account)))


def delete(request: HttpRequest) -> Answer:
    """Erases an account's profile, and what providers sent of its customer."""
    erasure.erase(
        runtime.tables(), runtime.deliveries(), request.account, request.author(), invocation.in_time
    )
    return {"statusCode": 204}


ROUTES = {
    "PUT /v1/accounts/{account}/profile": Route(put, "grant"),
    "GET /v1/accounts/{account}/profile": Route(get, "read"),
    "DELETE /v1/accounts/{account}/profile": Route(delete, "grant"),
}


def handler(event: Event, context: Any) -> Answer:
    """Answers an event of the HTTP API (payload format 2.0)."""
    return serve(event, ROUTES, context)
