"""Exports: asked for, looked after, fetched. What an import would do is confirmed on its page, or here."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, send_file

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import packages as schemas
from blueprints.api.schemas.base import list_of
from blueprints.common.web import current_actor
from tongyan.library.models import Transfer
from tongyan.library.services import exports, transfers

TAG = "transfers"
COLUMNS = ("id", "kind", "state", "filename", "size", "created_at", "expires_at")


def shown(rows: Sequence[Transfer]) -> list[dict[str, Any]]:
    """Return transfers with how far they are."""
    outcomes = transfers.outcomes(rows)
    return [
        {
            **{name: getattr(row, name) for name in COLUMNS},
            "progress": outcomes[row.id].percent,
            "stuck": outcomes[row.id].stuck,
            "code": outcomes[row.id].code,
        }
        for row in rows
    ]


@bp.door("GET", "/transfers", TAG, gives=list_of(schemas.Transfer))
def list_transfers() -> dict[str, Any]:
    """List one's exports and imports, the latest first."""
    return {"items": shown(transfers.my_transfers(current_actor()))}


@bp.door("GET", "/transfers/<uuid:transfer_id>", TAG, gives=schemas.Transfer)
def show_transfer(transfer_id: UUID) -> dict[str, Any]:
    """Show how far a transfer is."""
    return shown([transfers.get_transfer(current_actor(), transfer_id)])[0]


@bp.door("POST", "/exports", TAG, body=schemas.NewExport, gives=schemas.Transfer, status=201)
def start_export(body: dict[str, Any]) -> dict[str, Any]:
    """Have resources packed, as folders or as a Common Cartridge."""
    whole = exports.MINE if body["mine"] else ""
    return shown([exports.start_export(current_actor(), body["kind"], body["resource_ids"], whole)])[0]


@bp.door("GET", "/transfers/<uuid:transfer_id>/file", TAG)
def fetch_transfer(transfer_id: UUID) -> Response:
    """Fetch a finished archive, in parts when asked."""
    served = transfers.deliver(current_actor(), transfer_id)
    return send_file(
        served.path,
        mimetype=served.media_type,
        as_attachment=True,
        download_name=served.name,
        etag=served.sha256,
        conditional=True,
    )


@bp.door("POST", "/transfers/<uuid:transfer_id>/confirm", TAG, gives=schemas.Transfer)
def confirm_transfer(transfer_id: UUID) -> dict[str, Any]:
    """Have a checked import carried out."""
    return shown([transfers.confirm_transfer(current_actor(), transfer_id)])[0]


@bp.door("DELETE", "/transfers/<uuid:transfer_id>", TAG, status=204)
def remove_transfer(transfer_id: UUID) -> Response:
    """Forget a transfer; what was imported stays."""
    transfers.remove_transfer(current_actor(), transfer_id)
    return done()
