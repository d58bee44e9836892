"""Opening a note; the inbox itself stands one layer up, beside the matters."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from rongtong.accounts.session import account_of
from rongtong.kernel.errors import Refused
from rongtong.notifications import actions
from rongtong.notifications.models import Channel, Note, Outgoing


@login_required
@require_POST
def open_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go where the note points."""
    note = get_object_or_404(Note, pk=pk, to_id=request.user.pk)
    actions.mark_read(by=account_of(request), note=note)
    safe = url_has_allowed_host_and_scheme(note.url, allowed_hosts=None)
    return HttpResponseRedirect(note.url if note.url and safe else reverse("inbox:mine"))


class ChannelForm(forms.Form):
    """Where one is also told."""

    mail = forms.EmailField(required=False, label=gettext_lazy("Mail address"))
    robot = forms.CharField(required=False, max_length=300, label=gettext_lazy("Address of a group robot (WeCom, DingTalk, Feishu)"))
    is_digest = forms.BooleanField(required=False, label=gettext_lazy("Once a day at eight, instead of each message"))
    quiet_from = forms.IntegerField(min_value=0, max_value=23, label=gettext_lazy("Quiet from (hour)"))
    quiet_to = forms.IntegerField(min_value=0, max_value=23, label=gettext_lazy("Quiet until (hour)"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-check-input" if name == "is_digest" else "form-control"


@login_required
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest) -> HttpResponse:
    """Mail, group robot, quiet hours of one's own account."""
    account = account_of(request)
    stored = Channel.objects.filter(owner=account).first()
    names = ("mail", "robot", "is_digest", "quiet_from", "quiet_to")
    initial = {name: getattr(stored or Channel(), name) for name in names}
    form = ChannelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_channel(by=account, channel=actions.NewChannel(**{name: form.cleaned_data[name] for name in names}))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Kept."))
            return HttpResponseRedirect(reverse("inbox:mine"))
    failed = Outgoing.objects.filter(owner=account, sent_at__isnull=True).exclude(error="").order_by("-pk").first()
    context = {"form": form, "sends_mail": bool(settings.EMAIL_HOST), "failed": failed}
    return render(request, "notifications/channel.html", context, status=422 if form.errors else 200)
