"""Who may use which route of the API and of the catalogue for harvesters: like `rows.py`, but played by programs.

Every player shows a token of their own that may write; `data` is sent as JSON.
"""

from tests.access.rows import OWNERS, OWNERS_AND_HEADS, Row, public, signed_in, thing

PROGRAM_ROWS: dict[str, Row] = {
    "GET api-docs.openapi_json": public(),
    "GET api.me": signed_in(),
    "GET api.list_schools": signed_in(),
    "GET api.list_groups": signed_in(),
    "GET api.list_nodes": signed_in(),
    "GET api.show_node": signed_in(),
    "GET api.list_audiences": signed_in(),
    "GET api.find": signed_in(data={"q": "山行"}),
    "GET api.list_resources": signed_in(),
    "GET api.show_resource": thing("resource"),
    "PATCH api.change_resource": thing("resource", may=OWNERS, data={"version": 1, "title": "改名"}),
    "POST api.trash_resource": thing("resource", may=OWNERS),
    "POST api.restore_resource": thing("resource", may=OWNERS),
    "POST api.share_resource": thing("resource", 409, 422, may=OWNERS, data={"audience": ""}),
    "POST api.unshare_resource": thing("resource", may=OWNERS_AND_HEADS),
    "GET api.list_files": thing("resource"),
    "DELETE api.remove_file": thing("file", 204, 409, may=OWNERS),
    "POST api.retry_file": thing("file", may=OWNERS),
    # harvesters
    "GET oai.answer": signed_in(data={"verb": "Identify"}),
    "POST oai.answer": signed_in(),
}
