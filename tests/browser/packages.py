"""A course package, a public link and an interactive lesson for the small world."""

from types import SimpleNamespace
from uuid import UUID

from tests.library import samples
from tongyan.kernel.permissions import group_key
from tongyan.library import services as library
from tongyan.library.models import Licence
from tongyan.org.actors import actor_for

MANIFEST = b'<manifest><resources><resource href="index.html"/></resources></manifest>'
TRIES = """<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>lesson</title><script src="run.js"></script></head>
<body><p id="out"></p><a id="up" href="/account" target="_top">up</a></body></html>"""
RUN = """
const said = {};
const attempt = async (name, deed) => {
  try { said[name] = await deed(); } catch (error) { said[name] = `no: ${error.name}`; }
};
addEventListener("load", async () => {
  said.api = [API.LMSInitialize(""), API.LMSGetValue("cmi.core.lesson_status"), API_1484_11.Initialize("")].join();
  await attempt("data", async () => (await fetch("data.json")).json());
  await attempt("cookie", () => document.cookie);
  await attempt("storage", () => localStorage.getItem("theme"));
  await attempt("account", async () => (await fetch("/account", { credentials: "include" })).status);
  await attempt("parent", () => parent === window);
  await attempt("above", () => top.document.title);
  await attempt("leave", () => { top.location = "/account"; return "left"; });
  await attempt("foreign", async () => (await fetch("http://127.0.0.1:9/")).status);
  await attempt("window", () => open("/account"));
  said.frame = await new Promise((done) => {
    addEventListener("message", (event) => { done(event.data); });
    const frame = document.createElement("iframe");
    frame.src = "inner.html";
    document.body.append(frame);
    setTimeout(() => { done("nothing"); }, 5000);
  });
  document.querySelector("#out").textContent = JSON.stringify(said);
});
"""
INNER = "<!DOCTYPE html><html><head></head><body><script>top.frames[0].postMessage('inner ' + API.LMSFinish(''), '*')"
LESSON = samples.archive(
    ("imsmanifest.xml", MANIFEST),
    ("index.html", TRIES.encode()),
    ("run.js", RUN.encode()),
    ("data.json", b'"own data"'),
    ("inner.html", (INNER + "</script></body></html>").encode()),
)


def pack(cast: SimpleNamespace, lesson_of: UUID) -> SimpleNamespace:
    """Share a package of what the colleague shared, make a link to it, and say which file is the lesson."""
    owner, colleague = actor_for(cast.owner), actor_for(cast.colleague)
    package = library.create_package(owner, "三年级上册第二单元整套课件", "语文", 3)
    heading = library.add_heading(owner, package.id, "望庐山瀑布")
    library.add_resources(owner, package.id, cast.shared[:3], heading.id)
    library.add_resources(owner, package.id, cast.shared[3:])
    library.share_resource(owner, package.id, group_key(cast.group_a.id), Licence.CC_BY)
    link = library.create_link(colleague, cast.shared[0], 30)
    file = library.get_resource(owner, lesson_of).files[0]
    return SimpleNamespace(package=package.id, token=link.token, lesson=file.id)
