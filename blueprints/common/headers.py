"""Headers of every answer: a strict policy of what a page may load, and that nobody in between keeps a copy."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Register the headers."""
    app.after_request(add_headers)


def csp_nonce() -> str:
    """Return the nonce of this answer; made when asked for, so that a request refused early has one, too."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def add_headers(response: Response) -> Response:
    """Add what an answer does not carry already (files bring a stricter policy of their own)."""
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    if not current_app.config["ALLOW_INSECURE_HTTP"]:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    response.headers.setdefault("Content-Security-Policy", page_policy())
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store, private"
        response.headers.add("Vary", "Cookie")
    return response


def page_policy(frames: str = "'none'") -> str:
    """Return the content security policy of our own pages; `frames` is what they may show within."""
    public = urlsplit(current_app.config["PUBLIC_URL"])
    socket = f"{'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}"
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src-elem 'self' 'nonce-{csp_nonce()}'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self' {socket}",
        "worker-src 'self'",
        "media-src 'self' blob:",
        f"frame-src {frames}",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "manifest-src 'self'",
        "report-uri /csp-report",
    )
    return "; ".join(rules)
