"""What lies in the library: who brought it, what it is, whom it is open to, and how long ago."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tongyan.demo import papers, pictures, sheets, slides
from tongyan.demo.texts import Poem, poems
from tongyan.library.models import Licence

GROUP, SCHOOL, PREP_GROUP, COUNTY = "group", "school", "prepgroup", "region"
TWO_SCHOOLS = "schools:binhu liuxi"
DRAFT, LATER = "draft", "later"  # what is LATER is shared in the story, where somebody looks first
DRAFTS = {DRAFT, LATER}
ALL_POEMS = "小初衔接古诗词"
SUMS = {"加减法": "二上", "表内乘除法": "二上", "万以内加减法": "三上"}


def _reading(poem: Poem, _author: str) -> bytes:
    """Return the poem with its pauses as plain text."""
    lines = [poem.title, poem.by, "", *map(slides.paused, poem.lines), "", f"朗读提示：{poem.idea}"]
    return "\r\n".join(lines).encode()


# what a teacher calls it -> its form, its extension, and what makes it
ABOUT_POEMS: Mapping[str, tuple[str, str, Callable[[Poem, str], bytes]]] = {
    "课件": ("《{}》课件", "pptx", slides.courseware),
    "教案": ("《{}》教案", "docx", papers.lesson_plan),
    "练习": ("《{}》同步练习", "docx", papers.exercise),
    "导学": ("《{}》导学案", "docx", papers.study_guide),
    "朗读": ("《{}》朗读节奏", "txt", _reading),
}
OTHERS: Mapping[str, tuple[str, str, Callable[[str, str], bytes]]] = {
    "背诵": ("语文/{}背诵任务单", "docx", papers.by_heart),
    "口算": ("数学/{book}/{}口算练习", "xlsx", sheets.sums),
    "插图": ("美术/三上/《{}》插图素材", "png", pictures.autumn_hills),
    "字格": ("书法练习/{}书写纸素材", "png", pictures.writing_grid),
}


class Item(NamedTuple):
    """A resource to be: its owner, kind and topic, audience, licence and age in days."""

    login: str
    kind: str
    topic: str
    audience: str
    licence: Licence
    days: int

    @property
    def key(self) -> str:
        """Return by what it is named in the story: owner, kind and topic."""
        return f"{self.login}/{self.kind}/{self.topic}"

    @property
    def path(self) -> str:
        """Return the folders and the name under which its owner keeps it."""
        if self.kind in OTHERS:
            form, extension, _ = OTHERS[self.kind]
            book = SUMS.get(self.topic, "")
            return f"{form.format(self.topic, book=book)}.{extension}"
        form, extension, _ = ABOUT_POEMS[self.kind]
        poem = poems()[self.topic]
        folders = [part for part in ("语文", poem.book, poem.unit) if part]
        return "/".join([*folders, f"{form.format(self.topic)}.{extension}"])

    @property
    def summary(self) -> str:
        """Return what it says about itself."""
        return poems()[self.topic].idea if self.kind in ABOUT_POEMS else ""

    @property
    def keywords(self) -> Sequence[str]:
        """Return words to find it by."""
        if self.kind not in ABOUT_POEMS:
            return [self.topic]
        poem = poems()[self.topic]
        return ["古诗词", poem.author, poem.dynasty]

    def content(self, author: str) -> bytes:
        """Make the document."""
        if self.kind in OTHERS:
            return OTHERS[self.kind][2](self.topic, author)
        return ABOUT_POEMS[self.kind][2](poems()[self.topic], author)


BY, BY_SA, BY_NC, BY_NC_SA, CC0 = Licence.CC_BY, Licence.CC_BY_SA, Licence.CC_BY_NC, Licence.CC_BY_NC_SA, Licence.CC0

ITEMS = (
    Item("zhang", "课件", "山行", GROUP, BY_NC_SA, 6),
    Item("liu", "课件", "望洞庭", GROUP, BY_NC, 8),
    Item("heyutong", "课件", "夜书所见", GROUP, BY_NC_SA, 2),
    Item("zhang", "教案", "山行", GROUP, BY_NC_SA, 6),
    Item("xujing", "课件", "饮湖上初晴后雨", GROUP, BY, 3),
    Item("gao", "课件", "观沧海", GROUP, BY_NC_SA, 3),
    Item("denglihua", "背诵", ALL_POEMS, COUNTY, BY_SA, 4),
    Item("jiangdayong", "口算", "加减法", GROUP, BY, 4),
    Item("liangsiying", "插图", "山行", GROUP, CC0, 5),
    Item("huangxiaoyan", "课件", "望天门山", GROUP, BY_NC, 6),
    Item("liu", "教案", "望洞庭", GROUP, BY_NC, 7),
    Item("yangliu", "练习", "夜书所见", GROUP, BY_NC, 7),
    Item("sunruoxi", "课件", "鹿柴", GROUP, BY_NC_SA, 8),
    Item("pengfei", "课件", "赠刘景文", GROUP, BY_NC, 9),
    Item("heyutong", "课件", "早发白帝城", GROUP, BY_NC_SA, 10),
    Item("ouyangxue", "课件", "采莲曲", GROUP, BY_NC, 11),
    Item("dujuan", "课件", "登鹳雀楼", GROUP, BY, 12),
    Item("xujing", "课件", "绝句", GROUP, BY, 13),
    Item("denglihua", "课件", "枫桥夜泊", COUNTY, BY_SA, 14),
    Item("huangxiaoyan", "课件", "题西林壁", GROUP, BY_NC, 15),
    Item("yangliu", "课件", "暮江吟", GROUP, BY_NC, 16),
    Item("liu", "练习", "望天门山", SCHOOL, Licence.SCHOOL, 16),
    Item("zhang", "课件", "山居秋暝", GROUP, BY_NC_SA, 17),
    Item("chengyuanhang", "课件", "次北固山下", GROUP, BY_NC_SA, 18),
    Item("wangmiao", "课件", "天净沙·秋思", GROUP, BY_NC, 19),
    Item("gao", "教案", "观沧海", GROUP, BY_NC_SA, 20),
    Item("chengyuanhang", "导学", "闻王昌龄左迁龙标遥有此寄", GROUP, BY_NC_SA, 22),
    Item("denglihua", "教案", "枫桥夜泊", GROUP, BY_SA, 24),
    Item("pengfei", "导学", "饮湖上初晴后雨", TWO_SCHOOLS, BY_NC, 25),
    Item("huangxiaoyan", "练习", "题西林壁", SCHOOL, Licence.RESERVED, 26),
    Item("sunruoxi", "教案", "鹿柴", SCHOOL, Licence.SCHOOL, 27),
    Item("gongzimo", "口算", "表内乘除法", GROUP, BY, 28),
    Item("linzhiyuan", "口算", "万以内加减法", SCHOOL, Licence.SCHOOL, 29),
    Item("weiwei", "字格", "米字格", GROUP, CC0, 30),
    Item("zhang", "朗读", "山行", GROUP, BY_NC_SA, 6),
    Item("tangwanqing", "朗读", "静夜思", GROUP, BY_NC, 31),
    Item("liu", "朗读", "望庐山瀑布", SCHOOL, Licence.SCHOOL, 32),
    Item("zhang", "练习", "山居秋暝", SCHOOL, Licence.SCHOOL, 33),
    Item("chengyuanhang", "练习", "次北固山下", GROUP, BY_NC_SA, 34),
    Item("heyutong", "朗读", "夜书所见", PREP_GROUP, BY_NC_SA, 2),
    Item("denglihua", "朗读", "枫桥夜泊", PREP_GROUP, BY_SA, 6),
    Item("dujuan", "朗读", "登鹳雀楼", LATER, BY, 3),
    Item("xujing", "练习", "绝句", LATER, BY, 5),
    Item("zhang", "导学", "长相思", DRAFT, BY_NC_SA, 0),
    Item("liu", "朗读", "咏柳", DRAFT, BY_NC, 0),
    Item("gao", "导学", "天净沙·秋思", DRAFT, BY_NC_SA, 0),
    Item("ding", "课件", "静夜思", GROUP, BY_NC, 3),
    Item("bailu", "朗读", "山行", GROUP, BY_NC, 5),
)
