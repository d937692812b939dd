"""Resumable uploads by the tus 1.0 protocol: creation (with the first bytes), checksum, expiration, termination."""

from base64 import b64decode
from binascii import Error as Base64Error
from uuid import UUID

from flask import Response, jsonify, request, url_for
from werkzeug.http import http_date

from blueprints.common.web import current_actor, signed_in
from blueprints.library import bp
from tongyan.kernel.errors import Invalid, TongyanError, Unsupported
from tongyan.library import services as library
from tongyan.library.limits import FAMILY_LIMITS
from tongyan.library.models import ResourceKind, Upload
from tongyan.library.parts import Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
ALGORITHMS = ("sha256", "sha1")
CHUNK_TYPE = "application/offset+octet-stream"
MAX_METADATA = 8_000


class VersionRefused(TongyanError):
    """The client speaks another version of the protocol."""

    status = 412
    default_code = "upload.version"


@bp.after_request
def say_version(response: Response) -> Response:
    """Name the protocol in every answer of these endpoints."""
    if request.path.startswith("/uploads"):
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store, private"
    return response


@bp.route("/uploads", methods=["OPTIONS"])
@bp.route("/uploads/<uuid:upload_id>", methods=["OPTIONS"])
def upload_options(upload_id: UUID | None = None) -> Response:
    """Say what the server can do."""
    return Response(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Tus-Max-Size": str(max(FAMILY_LIMITS.values())),
        },
    )


@bp.post("/uploads")
@signed_in
def create_upload() -> Response:
    """Reserve an upload, and take the first bytes when they come along."""
    _check_version()
    metadata = _metadata()
    actor = current_actor()
    upload = library.start_upload(
        actor,
        metadata.get("filename", ""),
        _number("Upload-Length"),
        path=metadata.get("path", ""),
        sha256=metadata.get("sha256") or None,
        resource_id=_uuid(metadata.get("resource")),
        node_id=_uuid(metadata.get("node")),
        kind=_kind(metadata.get("kind")),
    )
    if request.mimetype == CHUNK_TYPE:
        upload = library.receive(actor, upload.id, 0, request.stream, _checksum())
    response = _state(upload, 201)
    response.headers["Location"] = url_for("library.upload_offset", upload_id=upload.id, _external=False)
    return response


@bp.route("/uploads/<uuid:upload_id>", methods=["HEAD"])
@signed_in
def upload_offset(upload_id: UUID) -> Response:
    """Say how much has arrived."""
    _check_version()
    upload = library.get_upload(current_actor(), upload_id)
    response = _state(upload, 200)
    response.headers["Upload-Length"] = str(upload.size)
    return response


@bp.get("/uploads/<uuid:upload_id>")
@signed_in
def upload_state(upload_id: UUID) -> Response:
    """Return the upload as JSON, for the page that shows it."""
    upload = library.get_upload(current_actor(), upload_id)
    return jsonify(
        ok=True,
        state=upload.state.value,
        name=upload.name,
        size=upload.size,
        received=upload.received,
        resource_id=upload.resource_id,
        file_id=upload.file_id,
    )


@bp.patch("/uploads/<uuid:upload_id>")
@signed_in
def append_upload(upload_id: UUID) -> Response:
    """Take the next bytes."""
    _check_version()
    if request.mimetype != CHUNK_TYPE:
        raise Unsupported
    upload = library.receive(current_actor(), upload_id, _number("Upload-Offset"), request.stream, _checksum())
    return _state(upload, 204)


@bp.delete("/uploads/<uuid:upload_id>")
@signed_in
def cancel_upload(upload_id: UUID) -> Response:
    """Give the upload up."""
    _check_version()
    library.cancel_upload(current_actor(), upload_id)
    return Response(status=204)


def _state(upload: Upload, status: int) -> Response:
    headers = {"Upload-Offset": str(upload.received), "Upload-Expires": http_date(upload.expires_at)}
    if upload.file_id is not None:
        headers |= {"Tongyan-Resource": str(upload.resource_id), "Tongyan-File": str(upload.file_id)}
    return Response(status=status, headers=headers)


def _check_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise VersionRefused


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid("upload.header", header=header)
    return int(text)


def _metadata() -> dict[str, str]:
    """Return the metadata header, `key base64,key base64`, decoded."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > MAX_METADATA:
        raise Invalid("upload.header", header="Upload-Metadata")
    pairs = (pair.strip().partition(" ") for pair in text.split(",") if pair.strip())
    try:
        return {key: b64decode(value, validate=True).decode() for key, _, value in pairs}
    except (Base64Error, UnicodeDecodeError) as error:
        raise Invalid("upload.header", header="Upload-Metadata") from error


def _checksum() -> Checksum | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, digest = text.partition(" ")
    if algorithm not in ALGORITHMS or not digest:
        raise Invalid("upload.header", header="Upload-Checksum")
    return Checksum(algorithm, digest)


def _kind(text: str | None) -> ResourceKind | None:
    return ResourceKind(text) if text in set(ResourceKind) else None


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("upload.header", header="Upload-Metadata") from error
