"""Flask extensions, unbound; `tongyan.app` binds them."""

from flask import request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_socketio import SocketIO
from flask_wtf import CSRFProtect

from tongyan import programs


class PageProtect(CSRFProtect):  # type: ignore[misc] # Flask-WTF ships no types
    """Asks for the token of our pages wherever a cookie decides; what programs show, no browser sends by itself."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse what no page of ours has sent."""
        if not programs.by_token(request):
            super().protect(apply_exemptions)


babel = Babel()
csrf = PageProtect()
limiter = Limiter(key_func=get_remote_address)
socketio = SocketIO()
