"""The application, built in named steps. The only module that knows all others; no step touches database or network."""

from importlib import import_module
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from tongyan import cli, config, logs, reactions, signin
from tongyan.extensions import babel, csrf, limiter
from tongyan.kernel import queue
from tongyan.kernel.db import db

STATIC = Path(__file__).resolve().parents[2] / "static"
BLUEPRINTS = ("health", "shell", "accounts", "org", "operations", "curriculum", "library", "search", "oai")
FEATURES = ("accounts", "org", "curriculum", "library", "finding")
PARTS = ("models", "policy", "events", "jobs", "indexing", "asking")


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """Build the application; `overrides` replaces settings (tests)."""
    app = Flask("tongyan", static_folder=STATIC, static_url_path="/static")
    config.configure(app.config, overrides)
    logs.configure()
    load_features()
    trust_proxy(app)
    init_extensions(app)
    signin.init_app(app)
    register_blueprints(app)
    register_edges(app)
    queue.configure(app)
    reactions.wire()
    cli.register(app)
    return app


def load_features() -> None:
    """Import the parts that register themselves: models, policies, jobs, searchables."""
    import_module("tongyan.kernel.search_jobs")
    for feature in FEATURES:
        for part in PARTS:
            _import_if_there(f"tongyan.{feature}.{part}")


def _import_if_there(name: str) -> None:
    try:
        import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise


def trust_proxy(app: Flask) -> None:
    """Believe exactly as many proxies as were set, none by default."""
    hops = app.config["PROXY_HOPS"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]


def init_extensions(app: Flask) -> None:
    """Bind the extensions that need no more than the configuration."""
    from blueprints.common.web import chosen_locale  # noqa: PLC0415 # the edge knows the request, not this module

    db.init_app(app)
    drop_async_teardown(app)
    babel.init_app(app, locale_selector=chosen_locale)
    csrf.init_app(app)
    limiter.init_app(app)


def drop_async_teardown(app: Flask) -> None:
    """Forget the closing of async sessions: we have none, and under gevent two event loops would meet in one thread."""
    functions = app.teardown_appcontext_funcs
    functions[:] = [function for function in functions if not iscoroutinefunction(function)]


def register_blueprints(app: Flask) -> None:
    """Register every feature's pages, APIs and socket events."""
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"blueprints.{name}").bp)
    import_module("blueprints.api").init_app(app)  # it describes its routes besides


def register_edges(app: Flask) -> None:
    """Add what all answers share: errors, headers, template globals, sockets."""
    for name in ("errors", "headers", "templates", "assets", "compression", "sockets"):
        import_module(f"blueprints.common.{name}").init_app(app)
