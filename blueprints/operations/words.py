"""What deeds, jobs and parts are called in a staff room."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext

from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.permissions import SYSTEM

ACTIONS: dict[str, Any] = {
    "audit.export": _("导出操作记录"),
    "audit.verify": _("核对操作记录"),
    "credential.factor_added": _("启用动态口令"),
    "credential.factor_removed": _("停用动态口令"),
    "credential.password": _("更改密码"),
    "credential.recovery_codes": _("重新生成恢复码"),
    "curriculum:editions:choose": _("选定教材版本"),
    "curriculum:node:add": _("添加教材条目"),
    "curriculum:node:move": _("移动教材条目"),
    "curriculum:node:rename": _("教材条目改名"),
    "curriculum:node:retire": _("停用教材条目"),
    "curriculum:node:revive": _("重新启用教材条目"),
    "curriculum:node:succeed": _("指定教材条目的接替"),
    "curriculum:node:undo": _("撤销教材改动"),
    "curriculum:seed:import": _("导入教材目录"),
    "curriculum:standard:add": _("添加课标条目"),
    "curriculum:standard:change": _("修改课标条目"),
    "curriculum:standard:retire": _("停用课标条目"),
    "curriculum:standard:revive": _("重新启用课标条目"),
    "demo.load": _("载入演示数据"),
    "factor.ask_release": _("申请移除别人的动态口令"),
    "factor.encrypt_anew": _("动态口令换用新密钥加密"),
    "factor.failed": _("动态口令不对"),
    "factor.release": _("同意移除别人的动态口令"),
    "finding:synonyms:add": _("添加一组同义词"),
    "finding:synonyms:change": _("修改一组同义词"),
    "finding:synonyms:delete": _("删除一组同义词"),
    "group.create": _("成立集团"),
    "group.end": _("结束集团"),
    "group.join": _("学校加入集团"),
    "group.leave": _("学校退出集团"),
    "group.part": _("结束伙伴集团关系"),
    "group.partner": _("结为伙伴集团"),
    "group.review_off": _("集团分享不再先审核"),
    "group.review_on": _("集团分享前先审核"),
    "group.update": _("修改集团"),
    "job.retry": _("重试后台任务"),
    "library:comment:delete": _("删除评论"),
    "library:correction:answer": _("答复更正"),
    "library:file:upload": _("上传文件"),
    "library:link:create": _("生成公开链接"),
    "library:link:revoke": _("停用公开链接"),
    "library:package:create": _("新建课程包"),
    "library:resource:accept": _("采用原资源的新版本"),
    "library:resource:copy": _("复制资源"),
    "library:resource:decline": _("不采用原资源的新版本"),
    "library:resource:download": _("下载原文件"),
    "library:resource:edit": _("修改资源"),
    "library:resource:purge": _("清除回收站里的资源"),
    "library:resource:restore": _("从回收站恢复资源"),
    "library:resource:revise": _("准备资源的新版本"),
    "library:resource:share": _("分享资源"),
    "library:resource:trash": _("资源移到回收站"),
    "library:resource:unshare": _("取消分享资源"),
    "library:transfer:check": _("检查要导入的压缩包或表格"),
    "library:transfer:download": _("下载导出的资源"),
    "library:transfer:export": _("导出资源"),
    "library:transfer:import": _("确认导入"),
    "library:transfer:imported": _("导入完成"),
    "library:resource:version": _("资源换成新版本"),
    "library:review:approve": _("审核通过"),
    "library:review:ask": _("提交审核"),
    "library:review:return": _("审核退回"),
    "library:review:withdraw": _("撤回审核"),
    "library:resource:take_down": _("下架资源"),
    "library:take_down:ask": _("请求下架"),
    "library:take_down:decline": _("不同意下架"),
    "library:take_down:lift": _("恢复下架的资源"),
    "list.export": _("导出 Excel"),
    "office.appoint": _("任命职务"),
    "office.end": _("结束职务"),
    "password.activation": _("用激活链接设置密码"),
    "password.confirm_failed": _("核对密码没有通过"),
    "password.reset": _("用邮件链接重设密码"),
    "password.start_reset": _("生成激活链接"),
    "people_import.check": _("检查人员表格"),
    "people_import.confirm": _("确认导入人员"),
    "people_import.done": _("导入人员完成"),
    "people_import.fail": _("导入人员没有成功"),
    "people_import.links": _("下载激活链接"),
    "person.change_contact": _("更改联系方式"),
    "person.create": _("添加账号"),
    "person.disable": _("停用账号"),
    "person.enable": _("恢复账号"),
    "person.update": _("修改账号"),
    "posting.end": _("结束任职"),
    "posting.start": _("安排任职"),
    "prep_group.add": _("备课组加入成员"),
    "prep_group.create": _("新建备课组"),
    "prep_group.end": _("结束备课组"),
    "prep_group.lead": _("指定备课组组长"),
    "prep_group.remove": _("成员离开备课组"),
    "prep_group.unlead": _("不再担任备课组组长"),
    "prep_group.update": _("修改备课组"),
    "region.create": _("添加地区"),
    "region.update": _("修改地区"),
    "school.close": _("停用学校"),
    "school.create": _("添加学校"),
    "school.reopen": _("恢复学校"),
    "school.review_off": _("学校分享不再先审核"),
    "school.review_on": _("学校分享前先审核"),
    "school.update": _("修改学校"),
    "sessions.end": _("让一台设备退出登录"),
    "sessions.end_all": _("让别人在各处退出登录"),
    "sessions.end_others": _("让其他设备退出登录"),
    "sign_in.done": _("登录"),
    "sign_in.failed": _("登录没有成功"),
    "sign_in.limited": _("登录太频繁，被拦下"),
    "sign_out.done": _("退出登录"),
    "token.create": _("新建访问令牌"),
    "token.revoke": _("停用访问令牌"),
}

SUBJECTS: dict[str, Any] = {
    "audit": _("操作记录"),
    "curriculum": pgettext("one", "教材"),
    "demo": _("演示数据"),
    "group": pgettext("one", "集团"),
    "job": pgettext("one", "后台任务"),
    "people_import": _("人员表格"),
    "prepgroup": pgettext("one", "备课组"),
    "region": pgettext("one", "地区"),
    "resource": _("资源"),
    "standard": _("课标"),
    "school": pgettext("one", "学校"),
    "synonyms": _("同义词"),
    "transfer": _("导出与导入"),
    "user": pgettext("one", "账号"),
}

FIELDS: dict[str, Any] = {
    "added": _("新增条数"),
    "after": _("改动之后"),
    "audience": _("谁能看到"),
    "bad": _("有问题的行"),
    "before": _("改动之前"),
    "browser": _("浏览器"),
    "changed": _("改动条数"),
    "editions": _("教材版本"),
    "entries": _("条数"),
    "file": _("文件编号"),
    "files": _("文件数"),
    "filters": _("筛选条件"),
    "from_on": _("第一天"),
    "grade": _("年级"),
    "gaps": _("对不上的地方"),
    "group": pgettext("one", "集团"),
    "ip": _("地址"),
    "is_admin": _("系统管理员"),
    "kind": _("种类"),
    "lead": _("组长"),
    "licence": _("许可"),
    "login": _("登录名"),
    "name": _("名称"),
    "partner": pgettext("one", "伙伴集团"),
    "people": _("人数"),
    "person": _("姓名"),
    "reason": _("原因"),
    "removed": _("移除的文件"),
    "resources": _("资源数"),
    "reviews_resources": _("分享前先审核"),
    "rows": _("行数"),
    "school": _("所属学校"),
    "sha256": _("文件指纹"),
    "size": _("大小（字节）"),
    "state": _("状态"),
    "term": _("学期"),
    "title": _("标题"),
    "to_on": _("最后一天"),
    "verb": _("撤销的是"),
    "words": _("词"),
}

GAPS: dict[str, Any] = {
    "changed": _("第 %(seq)s 条被改过"),
    "cut": _("第 %(seq)s 条以后被截掉了"),
    "missing": _("缺了第 %(seq)s 条"),
}

JOBS: dict[str, Any] = {
    "accounts.send_changed": _("发邮件：账号有变动"),
    "accounts.send_reset": _("发邮件：重设密码的链接"),
    "accounts.sweep": _("清理过期的登录和链接"),
    "finding.digest": _("看谁保存的搜索该找新的了"),
    "finding.tell_news": _("告诉老师保存的搜索有新的"),
    "curriculum.turn": _("教材启用或停用，更新搜索索引"),
    "library.follow_node": _("教材有改动，更新有关的资源"),
    "library.follow_standard": _("课标条目改名，更新有关的资源"),
    "library.follow_school": _("学校有改动，更新有关的资源"),
    "library.follow_person": _("老师改了姓名，更新有关的资源"),
    "library.follow_use": _("评价和使用有变化，更新搜索索引"),
    "library.ingest_file": _("处理上传的文件"),
    "library.settle": _("交接离校老师的资源"),
    "library.sweep": _("清理没有用的文件"),
    "library.transfer": _("导出或导入资源"),
    "org.import_people": _("导入人员"),
    "org.turn": _("任职、职务和成员关系到日子，更新搜索索引"),
    "jobs.sweep": _("清理早已完成的任务"),
    "org.sweep": _("清理过期的人员表格"),
    "search.compare": _("核对搜索索引"),
    "search.index": _("更新搜索索引"),
    "search.look": _("看搜索索引能不能用"),
    "search.merge": _("整理搜索索引"),
    "search.rebuild": _("重建搜索索引"),
}

STATES: dict[str, Any] = {
    "queued": _("排队"),
    "running": _("正在进行"),
    "parked": _("停下等处理"),
    "done": _("完成"),
}


class Part(NamedTuple):
    """A part of the machinery: its name, what it is for, and what to do when it does not work."""

    name: Any
    purpose: Any
    remedy: Any
    optional: bool = False
    otherwise: Mapping[str, Any] = {}  # what to do in some states


PARTS: dict[str, Part] = {
    "database": Part(
        _("数据库"), _("保存所有内容。"), _("请检查数据库是否在运行、地址是否正确（TONGYAN_DATABASE_URL）。")
    ),
    "schema": Part(
        _("数据库结构"), _("与程序的版本一致。"), _("程序已更新，数据库还没有：请运行 flask --app wsgi db upgrade。")
    ),
    "disk": Part(_("磁盘"), _("保存文件和索引。"), _("剩余空间不足 512 MB，请清理磁盘或扩容，否则上传会失败。")),
    "broker": Part(
        _("消息队列"), _("把任务交给后台进程。"), _("连不上，任务会迟一些才做，不会丢失。请检查 TONGYAN_BROKER_URL。")
    ),
    "queue": Part(
        _("后台任务"),
        _("处理文件、发邮件、更新搜索。"),
        _("有任务等了五分钟以上，请检查 worker 进程是否在运行。"),
    ),
    "beat": Part(_("定时器"), _("每几秒看一次有没有漏下的任务。"), _("没有心跳，请检查 beat 进程是否在运行。")),
    "index": Part(
        _("搜索索引"),
        _("在全文里搜索。"),
        _(
            "索引不能用，平台会自己重建；这段时间只按标题搜索。"
            "如果一直这样，请运行 flask --app wsgi search rebuild，看它说什么。"
        ),
        optional=True,
        otherwise={
            "rebuilding": _("正在重建索引；在它完成以前，可能只按标题搜索。"),
            "behind": _("有改动等了半分钟以上还搜不到，请检查 worker 进程是否在运行。"),
        },
    ),
    "libreoffice": Part(
        _("LibreOffice"),
        _("生成 Office 文件的预览。"),
        _("没有安装：Office 文件不能预览，文字仍可搜索，原文件可以下载。安装 LibreOffice 后，新上传的文件就有预览。"),
        optional=True,
    ),
    "sandbox": Part(
        _("隔离运行（bubblewrap）"),
        _("在隔离环境里处理别人上传的文件。"),
        _("没有安装：为安全起见不做 Office 预览。请安装 bubblewrap。"),
        optional=True,
    ),
    "virus_scan": Part(
        _("病毒扫描（ClamAV）"),
        _("检查上传的文件。"),
        _("没有安装：文件不查病毒，带宏和程序的文件仍然不收。需要时请安装 ClamAV。"),
        optional=True,
        otherwise={
            "silent": _(
                "病毒扫描程序没有应答：这段时间上传的文件不查病毒，带宏和程序的文件仍然不收。"
                "请检查 clamd 是否在运行、病毒库是否已下载。"
            )
        },
    ),
    "video": Part(
        _("ffmpeg"),
        _("生成音视频的封面和时长，给大视频做一份流畅版。"),
        _("没有安装：音视频可以播放和下载，但没有封面、时长和流畅版。"),
        optional=True,
    ),
    "ocr": Part(
        _("文字识别（Tesseract）"),
        _("读出扫描件和图片里的文字，搜索能找到它们。"),
        _("没有安装：扫描件和图片只能按标题找到。需要时请安装 tesseract-ocr 和 tesseract-ocr-chi-sim。"),
        optional=True,
    ),
}


BADGES: dict[str, Any] = {
    "absent": _("没有安装"),
    "silent": _("没有应答"),
    "rebuilding": _("正在重建"),
    "behind": _("落后"),
}


def action_name(action: str) -> str:
    """Return what a deed is called; one without a name is shown as it is written."""
    return str(ACTIONS.get(action, action))


def job_name(kind: str) -> str:
    """Return what a job does."""
    return str(JOBS.get(kind, kind))


def doer_name(entry: AuditEntry) -> str:
    """Return who did it: a person, or the platform by itself."""
    return str(_("平台自己")) if entry.actor_id == SYSTEM.person_id else entry.actor_name


def subject_name(subject: str) -> str:
    """Return what kind of thing a subject is."""
    kind = subject.partition(":")[0]
    return str(SUBJECTS.get(kind, kind))


def field_name(field: str) -> str:
    """Return what a detail of a deed is called."""
    return str(FIELDS.get(field, field))


def gap_sentence(gap: dict[str, Any]) -> str:
    """Return what is wrong at a place of the chain."""
    return str(GAPS[gap["reason"]]) % {"seq": gap["seq"]}
