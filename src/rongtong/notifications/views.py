"""Opening a note; the inbox itself stands one layer up, beside the matters."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from rongtong.accounts.session import account_of
from rongtong.notifications import actions
from rongtong.notifications.models import Note


@login_required
@require_POST
def open_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go where the note points."""
    note = get_object_or_404(Note, pk=pk, to_id=request.user.pk)
    actions.mark_read(by=account_of(request), note=note)
    safe = url_has_allowed_host_and_scheme(note.url, allowed_hosts=None)
    return HttpResponseRedirect(note.url if note.url and safe else reverse("inbox:mine"))
