"""gunicorn: one gevent worker per process, as measured best; more power is more such processes behind a proxy."""

from typing import Any

worker_class = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"
workers = 1
worker_connections = 4000
bind = "127.0.0.1:8000"
graceful_timeout = 30
timeout = 60
accesslog = None


def post_worker_init(worker: Any) -> None:
    """Tell the application that this process holds the sockets."""
    from blueprints.common import relay  # noqa: PLC0415 # not before gevent has patched the process
    from wsgi import app  # noqa: PLC0415

    relay.serve(app)
