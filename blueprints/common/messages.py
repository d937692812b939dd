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
    # accounts
    "email.form": _("这不像一个邮箱地址。"),
    "email.taken": _("这个邮箱已经属于另一个账号。"),
    "factor.missing": _("您还没有启用动态口令。"),
    "factor.required": _("您的职务要求使用动态口令，不能停用。"),
    "factor.wrong": _("动态口令不对，或者已经用过。请等下一个六位数字再试。"),
    "link.over": _("这个链接已经失效：它只能用一次，而且有时限。请重新申请，或请管理员再发一个。"),
    "login.characters": _("登录名只能用汉字、字母、数字和 . _ -。"),
    "login.length": _("登录名要有 2 到 32 个字符。"),
    "login.taken": _("这个登录名已有人用，或者与别人的看起来一样。"),
    "password.classes": _("密码至少要含大写字母、小写字母、数字、符号中的 %(classes)s 种。"),
    "password.long": _("密码最多 128 个字符。"),
    "password.same": _("新密码不能与原密码相同。"),
    "password.short": _("密码至少要有 %(least)s 个字符。"),
    "password.unequal": _("两次输入的密码不一样。"),
    "password.weak": _("这个密码太容易猜到：拼音、姓名、学校、学科、年份都在猜测之列。请用几个不相干的词组成一句。"),
    "password.wrong": _("当前密码不对。"),
    "person.name": _("姓名要有 1 到 64 个字符。"),
    "person.own_admin": _("不能更改自己的管理员身份，请让另一位管理员来做。"),
    "phone.form": _("电话只能用数字、空格、+ 和 -。"),
    "sign_in.failed": _("登录名或密码不对。"),
    "sign_in.limited": _("试的次数太多了，请 %(seconds)s 秒后再试，或者用您平时用的电脑登录。"),
    "sign_in.too_late": _("登录超时，请从头再来。"),
}
