"""What the servers load: `app` for gunicorn, `celery` for worker and beat. Imported by no one."""

from tongyan.app import create_app
from tongyan.kernel.queue import celery

__all__ = ["app", "celery"]

app = create_app()
