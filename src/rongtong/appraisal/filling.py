"""One manner for every form: what it does, and what was typed kept where it is refused."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from rongtong.kernel.errors import Conflict, Refused


def fill(request: HttpRequest, form: Any, heading: str, button: str, back: str, do: Callable[[Any], str], hint: str = "") -> HttpResponse:
    """Show a form, do what it says, keep what was typed if it is refused."""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form))
        except Conflict:
            raise
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"form": form, "heading": heading, "button": button, "back": back, "hint": hint}
    return render(request, "ledger/form.html", context, status=422 if form.errors else 200)
