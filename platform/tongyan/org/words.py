"""Words of a staff room that are searched, whatever language the reader's pages are in (those are in `labels`)."""

from tongyan.org.models import OfficeKind, Stage

STAGES = {
    Stage.KINDERGARTEN: "幼儿园",
    Stage.PRIMARY: "小学",
    Stage.JUNIOR: "初中",
    Stage.SENIOR: "高中",
    Stage.VOCATIONAL: "中职",
    Stage.SPECIAL: "特殊教育",
}
OFFICES = {
    OfficeKind.GROUP_HEAD: "总校长",
    OfficeKind.SCHOOL_HEAD: "执行校长",
    OfficeKind.LINE_HEAD: "条线负责人",
    OfficeKind.SUBJECT_LEAD: "学科组长",
    OfficeKind.PREP_LEAD: "备课组长",
    OfficeKind.RESEARCHER: "教研员",
    OfficeKind.DISTRICT_OFFICER: "区县管理员",
}
