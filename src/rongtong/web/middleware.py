"""Turns the application's ways of saying no into answers, and tells timings on loopback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def refusals(get_response: GetResponse) -> GetResponse:
    return get_response
