"""Does a request ask for a part of a page, or for the whole of it?"""

from django.http import HttpRequest


def is_fragment(request: HttpRequest) -> bool:
    """Asked by htmx for one place of the page. A boosted move and a step back in the history want the whole page."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-Boosted" not in headers and "HX-History-Restore-Request" not in headers
