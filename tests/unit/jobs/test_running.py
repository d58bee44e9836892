"""Jobs: one at a time for the same work, progress, cancel, a lost worker's job is taken again, and given up in the end."""

from datetime import timedelta
from typing import Any

import pytest

from rongtong.accounts.models import User
from rongtong.jobs import actions, registry, running
from rongtong.jobs.models import Job, JobState
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import NotAllowed, Refused

pytestmark = pytest.mark.django_db
done: list[str] = []


def work(ctx: running.JobContext, *, name: str) -> dict[str, Any]:
    ctx.progress(0.5, "half")
    done.append(name)
    return {"name": name}


def stopped(ctx: running.JobContext) -> dict[str, Any]:
    Job.objects.filter(pk=ctx.job_id).update(is_cancel_requested=True)
    ctx.progress(0.5, "half")
    done.append("went on")
    return {}


def refused(ctx: running.JobContext) -> dict[str, Any]:
    raise Refused("there is nothing to measure")


def broken(ctx: running.JobContext) -> dict[str, Any]:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    done.clear()
    for name, function in (("t.work", work), ("t.stopped", stopped), ("t.refused", refused), ("t.broken", broken)):
        monkeypatch.setitem(registry._functions, name, function)


def start(kind: str, **params: Any) -> Job:
    return actions.start(by=SYSTEM, kind=kind, title=kind, params=params)


def test_a_job_runs_once_and_keeps_its_result() -> None:
    job = start("t.work", name="a")
    running.run(job.pk)
    running.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.progress, job.attempt) == (JobState.DONE, {"name": "a"}, 1.0, 1)
    assert done == ["a"]


def test_the_same_open_work_is_one_job() -> None:
    assert start("t.work", name="a") == start("t.work", name="a")
    assert start("t.work", name="b").pk != start("t.work", name="a").pk


def test_a_cancelled_job_stops_at_its_next_step() -> None:
    job = start("t.stopped")
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert done == []


def test_a_refusal_is_told_and_an_error_is_not() -> None:
    for kind, words in (("t.refused", "nothing to measure"), ("t.broken", "error of the program")):
        job = start(kind)
        running.run(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert words in job.error


def test_a_lost_workers_job_is_taken_again_and_given_up_in_the_end() -> None:
    job = start("t.work", name="a")
    for attempt in range(1, running.MAX_ATTEMPTS + 1):
        claimed = running.claim(job.pk)
        assert claimed is not None
        assert claimed.attempt == attempt
        assert running.claim(job.pk) is None, "another worker leaves a leased job alone"
        Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
        assert job.pk in running.lost()
    assert running.claim(job.pk) is None
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_only_who_started_a_job_may_stop_it() -> None:
    user = User.objects.create_user("zhao", "x" * 14)
    job = start("t.work", name="a")
    with pytest.raises(NotAllowed):
        actions.cancel(by=user, job=job)
    actions.cancel(by=SYSTEM, job=job)
    running.run(job.pk)
    assert done == []
