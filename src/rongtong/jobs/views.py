"""Pages of jobs: mine, and one with its progress."""

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from rongtong.accounts.session import account_of
from rongtong.jobs import actions
from rongtong.jobs.models import Job
from rongtong.ui.fragments import is_fragment

PAGE = 50


def _own(request: HttpRequest) -> QuerySet[Job]:
    return Job.objects.filter(by_uid=str(getattr(request.user, "uid", ""))).order_by("-pk")


@login_required
@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    return render(request, "jobs/list.html", {"jobs": list(_own(request)[:PAGE])})


@login_required
@require_GET
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One job; asked by htmx only the part that moves."""
    job = get_object_or_404(_own(request), pk=pk)
    url = reverse("panel:run", args=[job.result["run"]]) if "run" in job.result else job.result.get("url", "")
    template = "jobs/_job.html" if is_fragment(request) else "jobs/job.html"
    return render(request, template, {"job": job, "result_url": url, "percent": round(100 * job.progress)})


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(_own(request), pk=pk)
    actions.cancel(by=account_of(request), job=job)
    return HttpResponseRedirect(reverse("jobs:job", args=[job.pk]))
