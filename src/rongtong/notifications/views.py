"""The inbox."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from rongtong.accounts.session import account_of
from rongtong.notifications import actions
from rongtong.notifications.models import Note

PAGE = 50


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """Unread first, then what was read."""
    own = Note.objects.filter(to_id=request.user.pk)
    unread = list(own.filter(read_at__isnull=True).order_by("-pk")[:PAGE])
    read = list(own.filter(read_at__isnull=False).order_by("-pk")[:PAGE])
    return render(request, "notifications/inbox.html", {"unread": unread, "read": read})


@login_required
@require_POST
def open_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go where the note points."""
    note = get_object_or_404(Note, pk=pk, to_id=request.user.pk)
    actions.mark_read(by=account_of(request), note=note)
    safe = url_has_allowed_host_and_scheme(note.url, allowed_hosts=None)
    return HttpResponseRedirect(note.url if note.url and safe else reverse("notifications:inbox"))
