"""A client whose person chose English, so that tests read the sentences of the code."""

from django.test import Client


def in_english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client
