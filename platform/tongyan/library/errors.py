"""Refusals of the library that the kernel has no status for."""

from tongyan.kernel.errors import TongyanError


class Locked(TongyanError):
    """Somebody else is writing to the same upload at this moment."""

    status = 423
    default_code = "upload.locked"


class ChecksumMismatch(TongyanError):
    """The bytes that came are not those that were sent (status of the tus checksum extension)."""

    status = 460
    default_code = "upload.checksum"
