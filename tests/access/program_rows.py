"""Who may use which route of the API and of the catalogue for harvesters: like `rows.py`, but played by programs.

Every player shows a token of their own that may write; `data` is sent as JSON.
"""

from tests.access.rows import (
    ANSWER_FOR,
    LINK_HOLDERS,
    OWNERS,
    OWNERS_AND_HEADS,
    RATERS,
    READERS,
    Row,
    public,
    signed_in,
    thing,
)

NOTHING = "01a21305-7994-7b03-977c-1769771282b2"  # the id of no thing

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
    # voices
    "GET api.list_ratings": thing("resource"),
    "PUT api.rate": thing("resource", 204, may=RATERS, data={"stars": 5, "reason": "课堂上好用"}),
    "DELETE api.remove_rating": thing("resource", 204),
    "GET api.list_comments": thing("resource"),
    "POST api.add_comment": thing("resource", 201, may=READERS, data={"text": "很好用"}),
    "DELETE api.delete_comment": thing("comment", 204, may=ANSWER_FOR),
    "PUT api.keep_favourite": thing("resource", 204),
    "DELETE api.drop_favourite": thing("resource", 204),
    "GET api.list_corrections": thing("resource"),
    "POST api.report_correction": thing("resource", 201, may=READERS, data={"text": "第3页有错"}),
    "POST api.answer_correction": thing("correction", 204, may=OWNERS, data={"done": True}),
    "GET api.list_uses": thing("resource"),
    "POST api.use_in_lesson": signed_in(422, data={"node_id": NOTHING}),  # no such lesson
    "GET api.my_lessons": signed_in(),
    "DELETE api.drop_use": thing("use", 204),
    "POST api.accept_version": thing("use", 204),
    # versions, copies, reviews
    "GET api.list_versions": thing("resource"),
    "POST api.revise": thing("resource", 200, 409, may=OWNERS),
    "POST api.restore_version": thing("resource", 409, may=OWNERS),  # it is the present one
    "POST api.copy_resource": thing("resource", 201, 409),  # 409: it is not shared
    "GET api.show_update": thing("resource", may=OWNERS),
    "POST api.accept_update": thing("resource", 409, may=OWNERS),  # it is no copy
    "POST api.decline_update": thing("resource", 409, may=OWNERS),
    "GET api.list_reviews": signed_in(),
    "GET api.show_review": thing("review"),
    "POST api.decide_review": thing("review", data={"approve": True}),
    "GET api.list_history": thing("resource", may=OWNERS),
    "POST api.nominate": thing("resource", 200, 409, 422, may=OWNERS, data={}),  # 422: nobody could decide
    "POST api.withdraw": thing("resource", 409, may=OWNERS),  # no review is under way
    # packages, links, transfers
    "GET api.list_packages": signed_in(),
    "POST api.create_package": signed_in(201, data={"title": "山行"}),
    "GET api.show_tree": thing("package"),
    "POST api.add_heading": thing("package", 201, may=OWNERS, data={"title": "第一课"}),
    "POST api.add_entries": thing("package", 404, may=OWNERS, data={"resource_ids": [NOTHING]}),  # no such resource
    "PATCH api.change_entry": thing("item", may=OWNERS, data={"title": "第一课"}),
    "POST api.move_entry": thing("item", 204, may=OWNERS, data={}),
    "DELETE api.remove_entry": thing("item", 204, may=OWNERS),
    "GET api.list_links": thing("resource", may=LINK_HOLDERS),
    "POST api.create_link": thing("resource", 201, 409, may=OWNERS, data={"days": 7}),  # 409: it is not shared
    "DELETE api.revoke_link": thing("link", 204, may=LINK_HOLDERS),
    "GET api.list_transfers": signed_in(),
    "POST api.start_export": signed_in(422, data={"resource_ids": [NOTHING]}),
    "GET api.show_transfer": thing("sheet"),
    "GET api.fetch_transfer": thing("archive"),
    "POST api.confirm_transfer": thing("sheet"),
    "DELETE api.remove_transfer": thing("sheet", 204),
    # what one keeps of searching
    "GET api.list_searches": signed_in(),
    "POST api.keep_search": signed_in(422, data={"name": "分数", "text": " "}),  # nothing is searched
    "PUT api.change_search": thing("saved", data={"name": "分数", "digest": True}),
    "DELETE api.drop_search": thing("saved", 204),
    # harvesters
    "GET oai.answer": signed_in(data={"verb": "Identify"}),
    "POST oai.answer": signed_in(),
}
