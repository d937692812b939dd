"""What became of the shelf: who used, praised, questioned and mended what, and what was made of it together.

`PAST` is over and known to everybody; `TODAY` waits for somebody. Resources are named by owner, kind and topic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tongyan.library.models import Licence


class Rated(NamedTuple):
    """Stars and why."""

    login: str
    what: str
    days: int
    stars: int
    reason: str


class Said(NamedTuple):
    """A comment."""

    login: str
    what: str
    days: int
    text: str


class Found(NamedTuple):
    """A mistake on a page; with an answer it was mended."""

    login: str
    what: str
    days: int
    page: int
    text: str
    answer: str = ""


class Asked(NamedTuple):
    """A review that its owner asked for (to share it, or to have it accepted as 校本 or 集团资源), and its end."""

    what: str
    days: int
    note: str
    reviewer: str = ""  # nobody yet
    approved: bool = False
    comment: str = ""


class Packed(NamedTuple):
    """A course package: headings with what stands below them; open to the group once somebody accepted it."""

    login: str
    days: int
    title: str
    summary: str
    contents: Mapping[str, Sequence[str]]
    notes: Mapping[str, str]
    licence: Licence | None = None
    reviewer: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, told as a whole or not at all; its first comment says whether it was."""

    comments: Sequence[Said]
    looking_first: Sequence[str] = ()  # heads whose schools look first from now on
    ratings: Sequence[Rated] = ()
    found: Sequence[Found] = ()
    asked: Sequence[Asked] = ()
    packages: Sequence[Packed] = ()
    favourites: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)  # what anybody may open, and for how many days


PAST = Story(
    comments=[
        Said("liu", "zhang/课件/山行", 5, "“停车坐爱枫林晚”的追问问到了点子上，我们班孩子自己说出“坐”是“因为”。"),
        Said("heyutong", "zhang/课件/山行", 3, "第二课时能不能和《赠刘景文》对比着读？都写深秋，一热烈一劝勉。"),
        Said("zhang", "zhang/课件/山行", 3, "@何雨桐 好，周四集备我们一起补。"),
        Said("yangliu", "liu/课件/望洞庭", 4, "“镜未磨”拿一面旧铜镜的照片来讲，学生一看就懂。"),
        Said("wangmiao", "gao/课件/观沧海", 2, "请学生把实写、虚写列成两栏，七年级一开学就学得会。"),
    ],
    looking_first=["wangjianjun"],
    ratings=[
        Rated("liu", "zhang/课件/山行", 5, 5, "问题少而准，朗读停顿标得清楚，拿来就能上。"),
        Rated("heyutong", "zhang/课件/山行", 3, 4, "画面安静，字够大；末页作业可以再分层。"),
        Rated("sunruoxi", "zhang/课件/山行", 1, 5, "新教师照着上，一课时刚好讲完。"),
        Rated("zhang", "liu/课件/望洞庭", 2, 5, "比喻句那一页引导得自然，学生愿意说。"),
        Rated("huangxiaoyan", "liu/课件/望洞庭", 3, 4, "想象画面的环节好，建议给足五分钟。"),
        Rated("chengyuanhang", "gao/课件/观沧海", 2, 4, "抓住“若出其中”“若出其里”来问，学生能体会到胸襟。"),
        Rated("pengfei", "heyutong/课件/早发白帝城", 8, 5, "我配了一张长江地图讲“千里江陵一日还”，学生印象很深。"),
    ],
    found=[
        Found(
            "heyutong", "liu/课件/望洞庭", 5, 4, "“青螺”只注了“青色的田螺”，没说比喻什么。",
            "已补上“用来比喻湖中的君山”，谢谢何老师。",
        ),
    ],
    asked=[
        Asked(
            "zhang/练习/山居秋暝", 12, "两个班用过，题量合适。",
            "huangxiaoyan", True, "由字词到意境，有梯度，可作校本作业。",
        ),
        Asked(
            "liu/课件/望洞庭", 3, "三所学校试教后改定。",
            "denglihua", True, "目标明确，村小也能用，列入集团资源。",
        ),
        Asked(
            "xujing/练习/绝句", 2, "请审，准备分享到集团。",
            "gao", False, "第三题的参考答案只写了主旨，请补一两个学生可能的回答。",
        ),
    ],
    packages=[
        Packed(
            "denglihua", 2, "三年级上册古诗精品课程包",
            "按“预习、上课、练习”编排，四所学校的课件、教案和练习都在这里，可整单元使用。",
            {
                "《山行》": ["zhang/课件/山行", "zhang/教案/山行", "zhang/朗读/山行", "liangsiying/插图/山行"],
                "《夜书所见》": ["heyutong/课件/夜书所见", "yangliu/练习/夜书所见"],
                "《望洞庭》": ["liu/课件/望洞庭", "liu/教案/望洞庭"],
                "第七单元的古诗三首": [
                    "huangxiaoyan/课件/望天门山", "xujing/课件/饮湖上初晴后雨", "sunruoxi/课件/鹿柴",
                ],
            },
            {
                "zhang/朗读/山行": "先听学生自己读，再出示停顿。",
                "liangsiying/插图/山行": "导入时用，也可以打印出来请学生题诗。",
            },
            Licence.CC_BY_NC_SA, "chen", "编排清楚，各校都有贡献，同意列为集团精品课程。",
        ),
        Packed(
            "zhang", 1, "《山行》公开课备课夹",
            "校内公开课用，磨课后再决定是否分享。",
            {
                "自己的": ["zhang/教案/山行", "zhang/课件/山行"],
                "可以借鉴的": ["liu/教案/望洞庭", "heyutong/课件/夜书所见"],
            },
            {"liu/教案/望洞庭": "看刘老师怎样引导学生想象画面。"},
        ),
    ],
    favourites={
        "zhang": ["liu/课件/望洞庭", "huangxiaoyan/课件/望天门山", "denglihua/背诵/小初衔接古诗词"],
        "liu": ["zhang/课件/山行", "zhang/教案/山行"],
        "gao": ["chengyuanhang/课件/次北固山下", "wangmiao/课件/天净沙·秋思"],
        "sunruoxi": ["zhang/课件/山行"],
        "gu": ["denglihua/背诵/小初衔接古诗词", "denglihua/课件/枫桥夜泊"],
    },
    uses={
        "liu": ["zhang/课件/山行", "heyutong/课件/夜书所见"],
        "yangliu": ["zhang/课件/山行", "liu/课件/望洞庭"],
        "sunruoxi": ["zhang/课件/山行", "zhang/教案/山行"],
        "heyutong": ["zhang/课件/山行", "liu/课件/望洞庭"],
        "zhang": ["liu/课件/望洞庭", "heyutong/课件/夜书所见"],
        "gao": ["chengyuanhang/课件/次北固山下"],
        "chengyuanhang": ["gao/课件/观沧海"],
    },
    links={"zhang/朗读/山行": 60},
)  # fmt: skip

TODAY = Story(
    comments=[
        Said("huangxiaoyan", "zhang/课件/山居秋暝", 0, "板书比上一版清楚多了。@张文静 下周教研课就用这一版？"),
    ],
    found=[
        Found("liu", "zhang/课件/山行", 0, 2, "学习目标只列了“山行、寒山、斜”，漏了最要讲的“坐”。"),
    ],
    asked=[
        Asked("dujuan/朗读/登鹳雀楼", 0, "二年级用，请审后分享到集团。"),
        Asked("chengyuanhang/课件/次北固山下", 0, "小初衔接课上用过三轮，申报集团资源。"),
    ],
)
