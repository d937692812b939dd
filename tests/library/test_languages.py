"""The language of a resource, told from its words."""

import pytest

from tongyan.library.languages import language_of

ENGLISH = "There is a little house on the hill and nobody lives there. " * 4
FRENCH = "Il y a une petite maison sur la colline et personne ne vit là. " * 4


@pytest.mark.parametrize(
    ("text", "subject", "expected"),
    [
        ("远上寒山石径斜，白云生处有人家。" * 3, "语文", "zh"),
        (ENGLISH, "英语", "en"),
        (ENGLISH + "教学目标：能听懂、会说。", "英语", "en"),
        ("教学过程：让学生朗读并且表演对话，注意语音语调。" * 5 + ENGLISH, "英语", "zh"),
        (ENGLISH, "数学", "en"),
        (FRENCH, "法语", "fr"),
        ("小さな家が丘の上にあります。だれもそこに住んでいません。" * 2, "日语", "ja"),
        ("На холме стоит маленький дом, и никто в нём не живёт. " * 4, "俄语", "ru"),
        ("", "语文", "zh"),
        ("", None, "zh"),
        ("Unit 1", "英语（三年级起点）", "en"),
        ("", "日语", "ja"),
    ],
)
def test_words_decide_and_the_subject_where_there_are_few(text: str, subject: str | None, expected: str) -> None:
    assert language_of(text, subject) == expected
