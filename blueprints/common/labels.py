"""Labels of the domain's enums in the words of a staff room, one table per enum."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as pgettext

from tongyan.curriculum.models import Level, StandardKind, Verb
from tongyan.library.models import (
    CorrectionState,
    Difficulty,
    FileState,
    ForWhom,
    Licence,
    ResourceKind,
    ResourceState,
    ReviewState,
    Standing,
    Step,
    StepState,
    TakeDownState,
    TransferKind,
    TransferState,
)
from tongyan.org.models import ImportState, OfficeKind, Pairing, PostingKind, RegionLevel, Stage, Way

LABELS: dict[type[StrEnum], dict[Any, Any]] = {
    Level: {
        Level.STAGE: _("学段"),
        Level.SUBJECT: _("学科"),
        Level.EDITION: _("版本"),
        Level.VOLUME: _("册次"),
        Level.UNIT: _("单元"),
        Level.LESSON: _("课"),
    },
    Verb: {
        Verb.ADD: _("添加"),
        Verb.RENAME: _("改名"),
        Verb.MOVE: _("移动"),
        Verb.RETIRE: _("停用"),
        Verb.REVIVE: _("重新启用"),
        Verb.SUCCEED: _("指定接替"),
        Verb.UNDO: _("撤销"),
    },
    StandardKind: {
        StandardKind.COMPETENCY: _("核心素养"),
        StandardKind.DOMAIN: _("内容领域"),
    },
    ResourceKind: {
        ResourceKind.LESSON_PLAN: _("教案"),
        ResourceKind.COURSEWARE: _("课件"),
        ResourceKind.MICRO_LESSON: _("微课"),
        ResourceKind.STUDY_GUIDE: _("学案"),
        ResourceKind.EXERCISE: _("习题"),
        ResourceKind.EXAM: _("试卷"),
        ResourceKind.MATERIAL: _("素材"),
        ResourceKind.RECORDING: _("课堂实录"),
        ResourceKind.LESSON_TALK: _("说课"),
        ResourceKind.PACKAGE: pgettext("one", "课程包"),
    },
    ForWhom: {
        ForWhom.TEACHER: _("教师"),
        ForWhom.STUDENT: _("学生"),
        ForWhom.PARENT: _("家长"),
    },
    Licence: {
        Licence.CC_BY: _("署名即可使用（CC BY）"),
        Licence.CC_BY_SA: _("署名、同样方式共享（CC BY-SA）"),
        Licence.CC_BY_NC: _("署名、非商业使用（CC BY-NC）"),
        Licence.CC_BY_NC_SA: _("署名、非商业、同样方式共享（CC BY-NC-SA）"),
        Licence.CC0: _("随意使用（CC0）"),
        Licence.SCHOOL: _("校内使用"),
        Licence.RESERVED: _("保留所有权利"),
    },
    CorrectionState: {
        CorrectionState.OPEN: _("待更正"),
        CorrectionState.DONE: _("已更正"),
        CorrectionState.DECLINED: _("不改"),
    },
    TransferKind: {
        TransferKind.EXPORT_CARTRIDGE: _("导出通用格式"),
        TransferKind.EXPORT_FOLDERS: _("导出文件夹"),
        TransferKind.IMPORT_ARCHIVE: _("导入压缩包"),
        TransferKind.IMPORT_SHEET: _("导入信息表"),
    },
    TransferState: {
        TransferState.WAITING: _("等待"),
        TransferState.CHECKED: _("等您确认"),
        TransferState.RUNNING: _("进行中"),
        TransferState.DONE: _("已完成"),
        TransferState.FAILED: _("没有成功"),
    },
    TakeDownState: {
        TakeDownState.OPEN: _("待处理"),
        TakeDownState.UPHELD: _("已下架"),
        TakeDownState.DECLINED: _("不同意下架"),
    },
    ResourceState: {
        ResourceState.DRAFT: _("草稿"),
        ResourceState.PUBLISHED: _("已分享"),
        ResourceState.TRASHED: _("在回收站"),
        ResourceState.TAKEN_DOWN: _("已下架"),
    },
    Standing: {
        Standing.SCHOOL: _("校本资源"),
        Standing.GROUP: _("集团资源"),
    },
    ReviewState: {
        ReviewState.PENDING: _("待审核"),
        ReviewState.APPROVED: _("已通过"),
        ReviewState.RETURNED: _("已退回"),
        ReviewState.WITHDRAWN: _("已撤回"),
    },
    Difficulty: {
        Difficulty.BASIC: _("基础"),
        Difficulty.ADVANCED: _("提高"),
        Difficulty.EXTENDED: _("拓展"),
    },
    FileState: {
        FileState.PROCESSING: _("正在处理"),
        FileState.READY: _("可以使用"),
        FileState.DOWNLOAD_ONLY: _("只能下载"),
        FileState.REJECTED: _("没有收下"),
    },
    Step: {
        Step.STORE: _("保存"),
        Step.CHECK: _("检查"),
        Step.PREVIEW: _("预览"),
        Step.PAGES: _("页面图"),
        Step.LIGHT: _("流畅版"),
        Step.TEXT: _("文字"),
        Step.OCR: _("文字识别"),
        Step.INDEX: _("可搜索"),
    },
    StepState: {
        StepState.PENDING: _("等待"),
        StepState.RUNNING: _("进行中"),
        StepState.DONE: _("完成"),
        StepState.SKIPPED: _("跳过"),
        StepState.FAILED: _("没有成功"),
    },
    Stage: {
        Stage.KINDERGARTEN: _("幼儿园"),
        Stage.PRIMARY: _("小学"),
        Stage.JUNIOR: _("初中"),
        Stage.SENIOR: _("高中"),
        Stage.VOCATIONAL: _("中职"),
        Stage.SPECIAL: _("特殊教育"),
    },
    Pairing: {
        Pairing.CORE_WEAK: _("核心校＋薄弱校"),
        Pairing.CORE_RURAL: _("核心校＋乡村校"),
        Pairing.CORE_NEW: _("核心校＋新建校"),
    },
    Way: {
        Way.TRUST: _("托管型"),
        Way.ALLIANCE: _("联盟型"),
        Way.COOPERATION: _("协作型"),
        Way.BUNDLED: _("捆绑型"),
    },
    ImportState: {
        ImportState.CHECKED: _("等待确认"),
        ImportState.IMPORTING: _("正在导入"),
        ImportState.DONE: _("已导入"),
        ImportState.FAILED: _("没有导入"),
    },
    PostingKind: {
        PostingKind.HOME: _("编制所在校"),
        PostingKind.SERVING: _("兼课任职"),
        PostingKind.EXCHANGE: _("交流轮岗"),
    },
    OfficeKind: {
        OfficeKind.GROUP_HEAD: _("总校长"),
        OfficeKind.SCHOOL_HEAD: _("执行校长"),
        OfficeKind.LINE_HEAD: _("条线负责人"),
        OfficeKind.SUBJECT_LEAD: _("学科组长"),
        OfficeKind.PREP_LEAD: _("备课组长"),
        OfficeKind.RESEARCHER: _("教研员"),
        OfficeKind.DISTRICT_OFFICER: _("区县管理员"),
    },
    RegionLevel: {
        RegionLevel.PROVINCE: _("省"),
        RegionLevel.CITY: _("市"),
        RegionLevel.COUNTY: _("县（区）"),
        RegionLevel.TOWN: _("乡镇（街道）"),
    },
}

KINDS: dict[str, Any] = {  # of things that are searched
    "resource": _("资源"),
    "node": _("教材"),
    "person": _("人员"),
    "school": pgettext("one", "学校"),
    "group": pgettext("one", "集团"),
}
GRADES = (
    _("一年级"),
    _("二年级"),
    _("三年级"),
    _("四年级"),
    _("五年级"),
    _("六年级"),
    _("七年级"),
    _("八年级"),
    _("九年级"),
    _("高一"),
    _("高二"),
    _("高三"),
)


def label(member: StrEnum | None) -> str:
    """Return the label of an enum's member in the reader's language."""
    return "" if member is None else str(LABELS[type(member)][member])


def kind_name(kind: str) -> str:
    """Return the label of a kind of things that are searched; what this release does not know is named as it is."""
    return str(KINDS.get(kind, kind))


def grade_name(grade: int | None) -> str:
    """Return a grade as it is said in the reader's language, nothing for none."""
    return str(GRADES[grade - 1]) if grade and 1 <= grade <= len(GRADES) else ""


def listed(words: Iterable[str]) -> str:
    """Return words as a list within a sentence."""
    return str(_("、")).join(words)


def choices(kind: type[StrEnum]) -> list[tuple[str, Any]]:
    """Return an enum as the choices of a select field."""
    return [(member.value, text) for member, text in LABELS[kind].items()]
