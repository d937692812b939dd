"""Logging: one JSON line per event on standard output, whoever speaks (structlog or the standard library)."""

import logging
import sys

import structlog


def configure() -> None:
    """Send structlog and the standard library through one JSON renderer; line breaks cannot forge a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler, *(old for old in root.handlers if type(old).__module__.startswith("_pytest"))]
    root.setLevel(logging.INFO)
    logging.getLogger("geventwebsocket.handler").setLevel(logging.WARNING)  # its lines would hold one-time links
