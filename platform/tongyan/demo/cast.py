"""Who plays: the county, its schools and groups, and the people in `people.csv`."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tongyan.org.models import OfficeKind, Pairing, PostingKind, RegionLevel, Stage, Way
from tongyan.org.services.regions import RegionEdit
from tongyan.org.services.schools import SchoolEdit

PEOPLE = Path(__file__).with_name("people.csv")

# each below the one before it, towns below their county
REGIONS: Mapping[str, tuple[str | None, RegionEdit]] = {
    "province": (None, RegionEdit("江淮省", RegionLevel.PROVINCE)),
    "city": ("province", RegionEdit("澄湖市", RegionLevel.CITY)),
    "qinglan": ("city", RegionEdit("青岚县", RegionLevel.COUNTY)),
    "chengguan": ("qinglan", RegionEdit("城关镇", RegionLevel.TOWN)),
    "liuxi": ("qinglan", RegionEdit("柳溪镇", RegionLevel.TOWN)),
    "shiqiao": ("qinglan", RegionEdit("石桥镇", RegionLevel.TOWN)),
    "yuntang": ("city", RegionEdit("云塘县", RegionLevel.COUNTY)),
}
BUREAU, OTHER_BUREAU = "青岚县教育局", "云塘县教育局"
SCHOOLS: Mapping[str, tuple[str, SchoolEdit]] = {
    "core": ("chengguan", SchoolEdit("青岚县实验小学", "青岚实小", [Stage.PRIMARY], owning_authority=BUREAU)),
    "liuxi": ("liuxi", SchoolEdit("柳溪镇中心小学", "柳溪小学", [Stage.PRIMARY], owning_authority=BUREAU)),
    "binhu": (
        "chengguan",
        SchoolEdit("青岚县滨湖新区小学", "滨湖小学", [Stage.PRIMARY], legal_person=False, owning_authority=BUREAU),
    ),
    "shiqiao": (
        "shiqiao",
        SchoolEdit("石桥九年一贯制学校", "石桥学校", [Stage.PRIMARY, Stage.JUNIOR], owning_authority=BUREAU),
    ),
    "erzhong": ("chengguan", SchoolEdit("青岚县第二初级中学", "青岚二中", [Stage.JUNIOR], owning_authority=BUREAU)),
    "sangyuan": ("liuxi", SchoolEdit("桑园村小学", "桑园小学", [Stage.PRIMARY], owning_authority=BUREAU)),
    "yuntang": ("yuntang", SchoolEdit("云塘县第一小学", "云塘一小", [Stage.PRIMARY], owning_authority=OTHER_BUREAU)),
    "hekou": ("yuntang", SchoolEdit("云塘县河口小学", "河口小学", [Stage.PRIMARY], owning_authority=OTHER_BUREAU)),
}


class GroupPlan(NamedTuple):
    """A group: how it is called and run, its core school, and who joined when."""

    name: str
    pairing: Pairing
    way: Way
    region: str
    core: str
    founded_on: date
    members: Mapping[str, tuple[date, str]]


GROUPS: Mapping[str, GroupPlan] = {
    "qinglan": GroupPlan(
        "青岚实验教育集团",
        Pairing.CORE_RURAL,
        Way.ALLIANCE,
        "qinglan",
        "core",
        date(2021, 9, 1),
        {
            "liuxi": (date(2021, 9, 1), "城乡结对"),
            "shiqiao": (date(2021, 9, 1), "城乡结对"),
            "sangyuan": (date(2021, 9, 1), "城乡结对"),
            "erzhong": (date(2023, 9, 1), "小初衔接"),
            "binhu": (date(2024, 9, 1), "新建校，由核心校托管起步"),
        },
    ),
    "yuntang": GroupPlan(
        "云塘教育共同体",
        Pairing.CORE_WEAK,
        Way.COOPERATION,
        "yuntang",
        "yuntang",
        date(2022, 9, 1),
        {"hekou": (date(2022, 9, 1), "")},
    ),
}
LEFT = ("qinglan", "sangyuan", date(2025, 7, 15), "区划调整，划入城东教育集团")


class Member(NamedTuple):
    """A line of `people.csv`; whoever belongs to no school serves the county or the platform."""

    login: str
    name: str
    school: str
    subject: str
    since: date


@cache
def people() -> Sequence[Member]:
    """Return everybody, in the order of the file."""
    with PEOPLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return [
        Member(login, name, school, subject, date.fromisoformat(since)) for login, name, school, subject, since in rows
    ]


class MorePosting(NamedTuple):
    """A posting besides the home school, or one before it."""

    login: str
    school: str
    kind: PostingKind
    from_on: date
    to_on: date | None = None


MORE_POSTINGS = (
    MorePosting("tangwanqing", "liuxi", PostingKind.SERVING, date(2025, 9, 1)),
    MorePosting("hanbing", "shiqiao", PostingKind.SERVING, date(2024, 9, 1)),
    MorePosting("songmingzhe", "binhu", PostingKind.SERVING, date(2024, 9, 1)),
    MorePosting("xujiahao", "shiqiao", PostingKind.EXCHANGE, date(2026, 9, 1), date(2027, 8, 31)),
    MorePosting("pengfei", "liuxi", PostingKind.HOME, date(2018, 9, 1), date(2024, 8, 31)),
)


class OfficePlan(NamedTuple):
    """An office over a school, a group or a region of the tables above."""

    login: str
    kind: OfficeKind
    place: str  # "school:core"
    from_on: date
    subject: str | None = None


OFFICES = (
    OfficePlan("chen", OfficeKind.GROUP_HEAD, "group:qinglan", date(2021, 9, 1)),
    OfficePlan("zhou", OfficeKind.SCHOOL_HEAD, "school:core", date(2021, 9, 1)),
    OfficePlan("lichunsheng", OfficeKind.SCHOOL_HEAD, "school:liuxi", date(2019, 9, 1)),
    OfficePlan("zhaoyunfan", OfficeKind.SCHOOL_HEAD, "school:binhu", date(2024, 9, 1)),
    OfficePlan("wangjianjun", OfficeKind.SCHOOL_HEAD, "school:shiqiao", date(2018, 9, 1)),
    OfficePlan("humin", OfficeKind.SCHOOL_HEAD, "school:erzhong", date(2020, 9, 1)),
    OfficePlan("fangtian", OfficeKind.SCHOOL_HEAD, "school:sangyuan", date(2016, 9, 1)),
    OfficePlan("luojianguo", OfficeKind.LINE_HEAD, "group:qinglan", date(2021, 9, 1)),
    OfficePlan("denglihua", OfficeKind.SUBJECT_LEAD, "group:qinglan", date(2021, 9, 1), "语文"),
    OfficePlan("linzhiyuan", OfficeKind.SUBJECT_LEAD, "group:qinglan", date(2022, 9, 1), "数学"),
    OfficePlan("huangxiaoyan", OfficeKind.SUBJECT_LEAD, "school:core", date(2020, 9, 1), "语文"),
    OfficePlan("gao", OfficeKind.SUBJECT_LEAD, "school:shiqiao", date(2022, 9, 1), "语文"),
    OfficePlan("chengyuanhang", OfficeKind.SUBJECT_LEAD, "school:erzhong", date(2023, 9, 1), "语文"),
    OfficePlan("heyutong", OfficeKind.PREP_LEAD, "school:core", date(2025, 9, 1), "语文"),
    OfficePlan("liu", OfficeKind.PREP_LEAD, "school:liuxi", date(2024, 9, 1), "语文"),
    OfficePlan("qiancheng", OfficeKind.PREP_LEAD, "school:binhu", date(2025, 9, 1), "数学"),
    OfficePlan("gu", OfficeKind.RESEARCHER, "region:qinglan", date(2019, 9, 1), "语文"),
    OfficePlan("tao", OfficeKind.DISTRICT_OFFICER, "region:qinglan", date(2022, 3, 1)),
    OfficePlan("caozheng", OfficeKind.GROUP_HEAD, "group:yuntang", date(2022, 9, 1)),
    OfficePlan("caozheng", OfficeKind.SCHOOL_HEAD, "school:yuntang", date(2020, 9, 1)),
)


class PrepGroupPlan(NamedTuple):
    """A 备课组: how it is called, its place, and who is in it, whoever leads it first."""

    name: str
    place: str  # as above
    subject: str
    grade: int
    from_on: date
    members: Sequence[str]


PREP_GROUPS = (
    PrepGroupPlan(
        "三年级语文备课组", "school:core", "语文", 3, date(2025, 9, 1), ("heyutong", "zhang", "huangxiaoyan")
    ),
    PrepGroupPlan(
        "五年级语文备课组",
        "group:qinglan",
        "语文",
        5,
        date(2025, 9, 1),
        ("denglihua", "xujing", "yangliu", "pengfei"),
    ),
    PrepGroupPlan("七年级语文备课组", "school:erzhong", "语文", 7, date(2025, 9, 1), ("chengyuanhang", "wangmiao")),
)

# stage, subject -> edition; what a school uses instead stands below
EDITIONS: Mapping[tuple[str, str], str] = {
    ("primary", "语文"): "统编版",
    ("primary", "数学"): "人教版",
    ("primary", "英语"): "人教版（PEP）（主编：吴欣）",
    ("primary", "道德与法治"): "统编版",
    ("primary", "科学"): "教科版",
    ("primary", "艺术·音乐"): "人教版",
    ("primary", "艺术·美术"): "人教版",
    ("junior", "语文"): "统编版",
    ("junior", "数学"): "人教版",
    ("junior", "英语"): "人教版",
    ("junior", "道德与法治"): "统编版",
    ("junior", "历史"): "统编版",
    ("junior", "物理"): "人教版",
    ("junior", "化学"): "人教版",
    ("junior", "生物学"): "人教版",
}
OWN_EDITIONS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "liuxi": {("primary", "数学"): "北师大版", ("primary", "科学"): "苏教版"},
    "binhu": {("primary", "数学"): "苏教版", ("primary", "英语"): "译林版"},
    "erzhong": {("junior", "数学"): "北师大版", ("junior", "物理"): "苏科版"},
    "hekou": {("primary", "数学"): "北师大版"},
}


class Account(NamedTuple):
    """Somebody as whom a visitor may look around."""

    login: str
    name: str
    school: str
    role: str


def accounts() -> Sequence[Account]:
    """Return the accounts that are shown to visitors, one for each way of seeing the platform."""
    names = {member.login: member for member in people()}
    shown = []
    for login, role in ROLES.items():
        member = names[login]
        school = SCHOOLS[member.school][1].short_name if member.school else "—"
        shown.append(Account(login, member.name, school, role))
    return shown


ROLES: Mapping[str, str] = {
    "zhang": "语文教师",
    "liu": "语文教师、备课组长（成员校）",
    "gao": "初中语文教师、学科组长（成员校）",
    "zhou": "执行校长",
    "chen": "集团总校长",
    "gu": "县语文教研员",
    "tao": "县教育局干部",
    "ding": "语文教师（另一个集团）",
    "admin": "平台管理员",
}
