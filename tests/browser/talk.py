"""What colleagues say of the first shared resource of the small world, and do with it."""

from types import SimpleNamespace

from sqlalchemy import select

from tongyan.curriculum.models import Level, Node
from tongyan.kernel.db import db
from tongyan.library import services as library
from tongyan.library.models import CorrectionState
from tongyan.library.services import Mistake
from tongyan.org.actors import actor_for


def talk(cast: SimpleNamespace) -> None:
    """Let the owner, a neighbour and the heads have their say (a request to take it down among it, undecided)."""
    resource_id = cast.shared[0]
    owner, neighbour, colleague = (actor_for(getattr(cast, name)) for name in ("owner", "neighbour", "colleague"))
    for lesson in db.session.scalars(select(Node.id).where(Node.level == Level.LESSON).limit(2)).all():
        library.use_in_lesson(owner, resource_id, lesson)
    library.keep_favourite(owner, resource_id, wanted=True)
    library.rate(owner, resource_id, 5, "结构清楚，孩子们爱读；朗读的录音可以再慢一点。")
    library.rate(neighbour, resource_id, 4, "课堂上好用，生字的笔顺还缺一页。")
    file_id = library.get_resource(owner, resource_id).files[0].id
    mended = library.report_correction(neighbour, resource_id, Mistake("“瀑”少了一点。", file_id, 1))
    library.answer_correction(colleague, mended.id, CorrectionState.DONE, "已改，谢谢。")
    library.report_correction(owner, resource_id, Mistake("作者的朝代写成了宋。", file_id, 2))
    library.add_comment(neighbour, resource_id, "第二课时我加了一段默写，效果不错。\n@甲老师 您那边怎么上？")
    library.add_comment(owner, resource_id, "我先放图再读，孩子们更容易进入。")
    shown = library.get_resource(neighbour, cast.shared[1])
    library.ask_take_down(neighbour, shown, neighbour.name, "qingjiang@example.org", "第2页有学生的姓名。")
