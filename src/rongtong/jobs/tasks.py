"""The one task that the queue carries."""

from django_tasks import task

from rongtong.jobs import running


@task()
def run_job(job_id: int) -> None:
    running.run(job_id)
