"""Every setting, in one table. Read from `TONGYAN_<NAME>` in the environment; documented in docs/configuration.md."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from flask import Config

KNOWN_SECRETS = {"changeme", "secret", "dev", "tongyan", "password"}
MIN_SECRET = 32
WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
SEARCH_ENGINES = ("whoosh", "postgres")
SMTP_SECURITIES = ("tls", "starttls", "none")


class Setting(NamedTuple):
    """One setting: its default and what it means."""

    name: str
    default: Any
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("DATA_DIR", ".var", "数据目录：数据库、文件、索引、日志 (everything that must be backed up)"),
    Setting("DATABASE_URL", "", "数据库地址；空则为数据目录中的 SQLite (empty: SQLite in DATA_DIR)"),
    Setting("BROKER_URL", "filesystem://localhost", "任务消息：filesystem:// 或 redis://… (job messages)"),
    Setting("REDIS_URL", "", "多进程共享限流与实时消息；空则在本机 (limits and live messages across processes)"),
    Setting("SECRET_KEY", "", "签名密钥，至少 32 字符；空则在数据目录生成 (generated in DATA_DIR when empty)"),
    Setting("SECRET_KEY_FALLBACKS", [], "旧密钥，轮换期间仍可验证 (old keys, for rotation)"),
    Setting(
        "PUBLIC_URL", "http://127.0.0.1:8000", "用户访问的地址；邮件链接与来源检查以它为准 (links and Origin checks)"
    ),
    Setting("TRUSTED_HOSTS", [], "允许的 Host；空则取自 PUBLIC_URL (empty: the host of PUBLIC_URL)"),
    Setting("PROXY_HOPS", 0, "前面可信反向代理的层数 (trusted proxies in front)"),
    Setting("ALLOW_INSECURE_HTTP", False, "内网纯 HTTP：页面有提示，Cookie 名为 sid (plain HTTP in a closed network)"),
    Setting("DEMO", False, "演示模式：载入演示集团，演示账号可用固定口令 (demo group and fixed demo password)"),
    Setting("PASSWORD_PROFILE", "modern", "口令规则：modern、dengbao（二级）、dengbao3（三级） (password rules)"),
    Setting("SMTP_HOST", "", "发信服务器；空则写入数据目录 outbox 文件夹 (empty: letters go to DATA_DIR/outbox)"),
    Setting("SMTP_PORT", 465, "发信端口 (port of the mail server)"),
    Setting("SMTP_SECURITY", "tls", "tls、starttls 或 none（仅限内网） (encryption of the mail connection)"),
    Setting("SMTP_USER", "", "发信账号 (user at the mail server)"),
    Setting("SMTP_PASSWORD", "", "发信口令 (password at the mail server)"),
    Setting("MAIL_FROM", "tongyan@localhost", "发件人地址 (sender of letters)"),
    Setting("PERSON_QUOTA", 10 << 30, "每人资源容量，字节 (bytes of resources per person)"),
    Setting("UPLOAD_HOURS", 72, "上传中断后可续传的小时数 (hours for which a broken-off upload can go on)"),
    Setting(
        "SEARCH_ENGINE",
        "whoosh",
        "检索索引放在哪里：whoosh（本机目录）或 postgres（PostgreSQL，多台机器共用） (where the search index lives)",
    ),
    Setting("INDEX_DIR", "", "检索索引目录；空则在数据目录；postgres 时只是缓存 (empty: DATA_DIR/index)"),
)


def configure(config: Config, overrides: dict[str, Any] | None = None) -> None:
    """Fill the configuration: defaults, then the environment, then overrides (tests). Raises RuntimeError."""
    config.from_mapping({setting.name: setting.default for setting in SETTINGS})
    config.from_prefixed_env("TONGYAN")
    config.from_mapping({setting.name: _typed(setting, config[setting.name]) for setting in SETTINGS})
    config.from_mapping(overrides or {})
    data_dir = Path(config["DATA_DIR"]).resolve()
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # everything of value lies below
    config["DATA_DIR"] = str(data_dir)
    config["DATABASE_URL"] = config["DATABASE_URL"] or f"sqlite:///{data_dir / 'tongyan.db'}"
    config["INDEX_DIR"] = config["INDEX_DIR"] or str(data_dir / "index")
    config["SECRET_KEY"] = config["SECRET_KEY"] or _kept_secret(data_dir / "secret")
    config["TRUSTED_HOSTS"] = config["TRUSTED_HOSTS"] or [_host(config["PUBLIC_URL"])]
    for secret in (config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]):
        _refuse_weak_secret(secret)
    if config["SMTP_SECURITY"] not in SMTP_SECURITIES:  # a slip must not send the password in the clear
        raise RuntimeError(f"TONGYAN_SMTP_SECURITY must be one of {', '.join(SMTP_SECURITIES)}")
    _refuse_engine(config["SEARCH_ENGINE"], config["DATABASE_URL"])
    config.from_mapping(_derived(config))


def _typed(setting: Setting, value: Any) -> Any:
    """Return a value as the kind its default has: "False" must not switch a thing on, nor a text be a list of keys."""
    kind = type(setting.default)
    if kind is bool and str(value).lower() in WORDS:
        return WORDS[str(value).lower()]
    if kind is list and isinstance(value, str):
        return [part for part in map(str.strip, value.split(",")) if part]
    if kind is str and not isinstance(value, str):
        return os.environ[f"TONGYAN_{setting.name}"]  # a password of digits, which was read as a number
    if type(value) is not kind:
        raise RuntimeError(f"TONGYAN_{setting.name} must be of the kind {kind.__name__}")
    return value


def _derived(config: Config) -> dict[str, Any]:
    """Return the settings of the extensions that follow from ours."""
    return {
        "SQLALCHEMY_ENGINES": {"default": _engine(config["DATABASE_URL"])},
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).parent / "translations"),
        "MAX_CONTENT_LENGTH": 16 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_HEADERS": ["X-CSRF-Token"],
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "RATELIMIT_STORAGE_URI": config["REDIS_URL"] or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def _engine(url: str) -> dict[str, Any]:
    """Return the options of the database: a statement that hangs must not hold a page, or a lock, for ever."""
    if not url.startswith("postgresql"):
        return {"url": url}
    limits = "-c statement_timeout=10000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=60000"
    return {"url": url, "pool_pre_ping": True, "connect_args": {"options": limits}}


def _kept_secret(path: Path) -> str:
    """Return the secret of this installation, made on the first start; two first starts agree on one."""
    if not path.exists():
        draft = path.with_name(f"secret-{os.getpid()}")
        draft.touch(0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            path.hardlink_to(draft)  # whole or not at all, unlike writing in place
        draft.unlink()
    return path.read_text().strip()


def _refuse_weak_secret(secret: str) -> None:
    if len(secret) < MIN_SECRET or secret.lower() in KNOWN_SECRETS:
        raise RuntimeError(
            f"TONGYAN_SECRET_KEY is weak: use at least {MIN_SECRET} random characters, or leave it empty"
        )


def _refuse_engine(kind: str, database: str) -> None:
    if kind not in SEARCH_ENGINES:
        raise RuntimeError(f"TONGYAN_SEARCH_ENGINE must be one of {', '.join(SEARCH_ENGINES)}")
    if kind == "postgres" and not database.startswith("postgresql"):
        raise RuntimeError("TONGYAN_SEARCH_ENGINE=postgres needs a TONGYAN_DATABASE_URL of PostgreSQL")


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0]
