"""What a password must be like."""

from cProfile import Profile
from pathlib import Path
from pstats import Stats

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from tests.accounts.helpers import make_user
from tests.conftest import settings_for_tests
from tests.factories import PASSWORD, make_person, make_school, post
from tongyan.accounts import passwords
from tongyan.accounts.passwords import MIN_BITS, accept
from tongyan.accounts.weakness import WORDS, dictionary, guess_bits, spellings
from tongyan.app import create_app
from tongyan.kernel.errors import Invalid

WEAK = [
    "jiaoyanzu2026", "zhongxue123!", "Zhongxue@2026", "zhangwei1990", "shijiazhuang2025", "woaibeijing520",
    "qwertyuiop123", "1qaz2wsx3edc", "!QAZ2wsx#EDC", "abcdefghij1", "1234567890", "aaaaaaaaaaaa", "P@ssw0rd2024",
    "password123!", "13812345678", "1990010119900101", "tongyan2026!", "jitibeike2026", "yuwenlaoshi88",
    "liming19880808", "教研组的密码2026", "Xiaoming@2024!", "gaosanyiban", "iloveyou1314", "admin123456",
    "zxcvbnm,./123", "9876543210abc", "wodemima123", "xinxizhongxin1", "shiyanxiaoxue", "ｊｉａｏｙａｎｚｕ２０２６",
]  # fmt: skip
GOOD = [
    "correct-horse-battery-staple", "k3v9xq2mzt", "h7#kQp2!xz", "床前明月光疑是地上霜", "Bingchuan-mingyue-88-guqin",
    "seven brown lanterns drift", "   spaces are fine too   ", "tianqihenhaowomenquxuexiao", "🎈紫色大象弹钢琴🎈很慢",
]  # fmt: skip


def problems(password: str, **values: object) -> list[str]:
    """Return the codes of what is wrong with a password."""
    try:
        accept(make_person(**values), password)
    except Invalid as error:
        return error.errors["password"]
    return []


@pytest.mark.parametrize("password", WEAK)
def test_what_is_easily_guessed_in_a_chinese_school_is_refused(app: Flask, password: str) -> None:
    assert problems(password) == ["password.weak"]


@pytest.mark.parametrize("password", GOOD)
def test_long_and_unrelated_is_enough_whatever_signs_it_has(app: Flask, password: str) -> None:
    assert problems(password) == []


def test_the_commonest_leaked_passwords_are_refused() -> None:
    common = [password for password in FREQUENCY_LISTS["passwords"] if len(password) >= 8][:3000]
    assert len(common) == 3000
    assert [password for password in common if guess_bits(password) >= MIN_BITS] == []


def test_every_school_word_with_a_year_is_refused() -> None:
    words = [spelling for word in WORDS.read_text(encoding="utf-8").split() for spelling in spellings(word)]
    assert len(dictionary()) > 10_000
    easy = [
        f"{word}{tail}" for word in words for tail in ("2026", "@2025", "123456", "888!", "1234", "66", "000", "!!")
    ]
    assert len(easy) > 10_000
    assert [password for password in easy[::3] if guess_bits(password) >= MIN_BITS] == []  # of each word, some tails


@pytest.mark.parametrize(
    "password", ["wangxiaomei#77", "xiaomeiwang_9", "王小美wangxm888", "wxm.lovely.77", "t.meimei!2020"]
)
def test_the_own_name_is_worth_nothing(app: Flask, password: str) -> None:
    assert problems(password, name="王小美", login="t.meimei", email="lovely@school.cn") == ["password.weak"]


def test_the_names_of_the_own_schools_are_worth_nothing(app: Flask) -> None:
    person = make_person()
    password = "qlshuangyushuyuan7"
    assert accept(person, password)
    post(person, make_school("清岭双峪书院"))
    with pytest.raises(Invalid):
        accept(person, "qinglingshuangyushuyuan7")


def test_ten_signs_are_the_least_and_fourteen_for_administrators(app: Flask) -> None:
    assert problems("k3v9xq2mz") == ["password.short"]
    assert problems("k3v9xq2mzt") == []
    assert problems("k3v9xq2mzt", is_admin=True) == ["password.short"]
    assert problems("k3v9xq2mzt7#wp", is_admin=True) == []


def test_a_hundred_and_twenty_eight_signs_are_the_most(app: Flask) -> None:
    assert problems("k3v9 xq2mz " * 11 + "1234567") == []
    assert problems("k3v9 xq2mz " * 11 + "12345678") == ["password.long"]


def test_the_strict_profile_wants_three_kinds_of_signs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PASSWORD_PROFILE", "dengbao")
    assert problems("k3v9xq2mzt") == ["password.classes"]
    assert problems("k3V9xq2mzt") == []
    assert problems("h7#kQp2x") == []


def test_the_same_password_is_no_new_one(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        accept(make_user(), PASSWORD)
    assert refusal.value.errors == {"password": ["password.same"]}


def test_hashes_are_argon2id_with_the_parameters_of_owasp(app: Flask) -> None:
    assert passwords.hashed("k3v9xq2mzt").startswith("$argon2id$v=19$m=47104,t=1,p=1$")


@pytest.mark.parametrize("hostile", ["a1B你" * 32, "0" * 128, "zh" * 64, "́" * 128, "1qaz" * 32, "𝔓" * 128])
def test_hostile_passwords_are_judged_in_few_steps(hostile: str) -> None:
    dictionary()
    steps = Profile()
    steps.runcall(guess_bits, hostile, ["王小美" * 20])
    assert Stats(steps).total_calls < 300_000


@given(st.text(max_size=60), st.text(max_size=20))
def test_more_signs_never_weaken_what_a_stranger_must_guess(password: str, more: str) -> None:
    assert guess_bits(password) >= 0
    assert guess_bits(password + more) <= guess_bits(password) + guess_bits(more) + 1e-6


def test_an_unknown_profile_stops_the_start(tmp_path: Path) -> None:
    settings = settings_for_tests("sqlite://", tmp_path) | {"PASSWORD_PROFILE": "lax"}
    with pytest.raises(RuntimeError, match="PASSWORD_PROFILE"):
        create_app(settings)
