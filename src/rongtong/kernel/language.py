"""Data that is kept in both languages."""

from django.utils.translation import get_language


def in_language(chinese: str, english: str) -> str:
    """The text in the language of the page; Chinese where there is no English."""
    return english if english and (get_language() or "").startswith("en") else chinese
