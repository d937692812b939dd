"""How the web process is served: one gevent worker per process. More power means more such processes (nginx.conf)."""

import os
from typing import Any

os.environ.setdefault("GEVENT_TRACK_GREENLET_TREE", "0")  # read when gevent is imported, which is after this file

worker_class = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"
workers = 1  # rooms live in the process: two workers behind one port would not see each other's sockets
worker_connections = 4000
timeout = 60
graceful_timeout = 8  # open sockets never end by themselves: a longer time would only delay every stop
keepalive = 75
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Let the worker send live messages, its own and those of the other processes."""
    from blueprints.common.relay import serve  # noqa: PLC0415 # gevent must have patched the standard library first

    serve(worker.wsgi)
