"""The sentence of every error code: what happened, what was kept, what to do."""

from typing import Any

from flask_babel import lazy_gettext as _

MESSAGES: dict[str, Any] = {
    "bad_request": _("请求不完整，没有改动任何内容。请返回重试。"),
    "conflict": _("这一步与别人的改动冲突，没有保存。请刷新后再试。"),
    "conflict.stale": _("您打开以后，别人已经改过。您的改动没有保存，请对照新内容再改。"),
    "error": _("没有成功，没有改动任何内容。请稍后再试。"),
    "field.invalid": _("这一项的内容不对。"),
    "forbidden": _("您没有做这件事的权限。"),
    "invalid": _("有几项需要改正，其余内容都还在。"),
    "job.died": _("处理时程序中断了三次，已停下等管理员处理。"),
    "job.failed": _("试了三次都没有成功，已停下等管理员处理。"),
    "not_found": _("没有找到这个页面，或者它不对您开放。"),
    "signed_out": _("请先登录。"),
    "storage_full": _("服务器的磁盘满了，没有保存。请告诉管理员。"),
    "too_large": _("内容太大，没有保存。"),
    "too_many": _("操作太频繁了，请稍等片刻再试。"),
    "unavailable": _("服务暂时不可用，已有内容都还在。请稍后再试。"),
    "unexpected": _("程序出错了，已经记录。您可以返回重试；如果总是这样，请告诉管理员。"),
    "unsupported": _("不支持这种内容。"),
}
