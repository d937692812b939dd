"""The letters that accounts send, in the recipient's language."""

from tongyan.accounts.models import Person
from tongyan.kernel.mail import Letter

RESET = {
    "zh": (
        "同研：设置新密码",
        "{name}，您好：\n\n有人（应当是您）请求为登录名 {login} 设置新密码。\n"
        "请在 30 分钟内打开下面的链接，链接只能用一次：\n\n{url}\n\n如果不是您，请不必理会，原密码仍然有效。\n",
    ),
    "en": (
        "Tongyan: set a new password",
        "Dear {name},\n\nsomebody (you, we hope) asked for a new password for {login}. "
        "Open this link within 30 minutes; it works once:\n\n{url}\n\nIf it was not you, ignore this letter.\n",
    ),
}
CHANGED = {
    "zh": (
        "同研：账号安全提醒",
        "{name}，您好：\n\n您的账号刚刚有一项改动：{what}。\n\n如果不是您本人操作，请立即联系管理员。\n",
    ),
    "en": (
        "Tongyan: a change to your account",
        "Dear {name},\n\nsomething changed in your account: {what}.\n\n"
        "If it was not you, tell your administrator now.\n",
    ),
}
WHAT = {
    "password": {
        "zh": "登录密码已更改，其他设备已退出",
        "en": "the password was changed, other devices were signed out",
    },
    "factor_added": {"zh": "已启用动态口令", "en": "two-step sign-in was switched on"},
    "factor_removed": {"zh": "已停用动态口令", "en": "two-step sign-in was switched off"},
    "recovery_codes": {"zh": "已重新生成恢复码", "en": "new recovery codes were made"},
    "email": {"zh": "邮箱地址已更改", "en": "the e-mail address was changed"},
    "token": {"zh": "已新建访问令牌", "en": "a personal access token was made"},
}


def reset_letter(person: Person, url: str) -> Letter:
    """Return the letter with the link."""
    subject, text = RESET.get(person.locale, RESET["zh"])
    return Letter(person.email or "", subject, text.format(name=person.name, login=person.login, url=url))


def changed_letter(person: Person, kind: str, to: str) -> Letter:
    """Return the letter that says what changed."""
    subject, text = CHANGED.get(person.locale, CHANGED["zh"])
    what = WHAT[kind].get(person.locale, WHAT[kind]["zh"])
    return Letter(to, subject, text.format(name=person.name, what=what))
