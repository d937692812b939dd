"""The use cases of the library: `from tongyan.library import services as library`."""

from tongyan.library.services.editing import (
    ResourceEdit,
    edit_resource,
    remove_file,
    retry_file,
)
from tongyan.library.services.files import (
    Served,
    original,
    page_image,
    preview,
    record_download,
    thumbnail,
)
from tongyan.library.services.listing import (
    Desk,
    Filters,
    counts_below,
    desk,
    duplicates,
    filter_schools,
    get_editable,
    get_resource,
    list_resources,
)
from tongyan.library.services.proposals import Proposal, propose
from tongyan.library.services.sharing import ShareTarget, share_resource, share_targets, unshare_resource
from tongyan.library.services.trash import restore_resource, trash_resource
from tongyan.library.services.uploads import cancel_upload, get_upload, open_uploads, receive, start_upload

__all__ = [
    "Desk",
    "Filters",
    "Proposal",
    "ResourceEdit",
    "Served",
    "ShareTarget",
    "cancel_upload",
    "counts_below",
    "desk",
    "duplicates",
    "edit_resource",
    "filter_schools",
    "get_editable",
    "get_resource",
    "get_upload",
    "list_resources",
    "open_uploads",
    "original",
    "page_image",
    "preview",
    "propose",
    "receive",
    "record_download",
    "remove_file",
    "restore_resource",
    "retry_file",
    "share_resource",
    "share_targets",
    "start_upload",
    "thumbnail",
    "trash_resource",
    "unshare_resource",
]
