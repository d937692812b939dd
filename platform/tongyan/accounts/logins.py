"""Login names: what they may look like, and the folded key under which look-alikes are one and the same."""

import unicodedata

MAX_LOGIN = 32
MAX_KEY = 64  # some single signs (㈱, ﷺ) fold to many
MAX_EMAIL = 254
PUNCTUATION = frozenset("._-")

# Letters of other scripts that a reader takes for Latin ones. NFKC already folds full-width and styled letters.
LOOKALIKES = str.maketrans(
    {
        **dict(zip("абвгеёзийкмнорстухьѕіїјҽһқԁԛԝӏ", "a6bree3nnkmhopctyxbsiijehkdqwl", strict=True)),
        **dict(zip("αβγεηικνορτυχω", "aByenikvoptuxw".lower(), strict=True)),
        **dict(zip("աոսօցհյզ", "wnuoghjq", strict=True)),
        **dict(zip("ıɑɡʟɩɪ", "iaglii", strict=True)),
        "ß": "ss",
    }
)
HIDDEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"}


def login_key(login: str) -> str:
    """Return the key of a login name: width, case, spaces, hidden signs and foreign look-alikes make no difference."""
    text = unicodedata.normalize("NFKC", login[: 4 * MAX_EMAIL]).casefold()
    text = unicodedata.normalize("NFKD", text)
    visible = "".join(char for char in text if unicodedata.category(char) not in HIDDEN)
    return unicodedata.normalize("NFC", visible.translate(LOOKALIKES))


def login_problems(login: str) -> list[str]:
    """Return the codes of what is wrong with a new login name."""
    if not 2 <= len(login) <= MAX_LOGIN or len(login_key(login)) > MAX_KEY:
        return ["login.length"]
    if not all(char.isalnum() or char in PUNCTUATION for char in login):
        return ["login.characters"]
    return []


def email_key(email: str) -> str:
    """Return an e-mail address as it is stored and compared."""
    return email.strip().casefold()


def email_problems(email: str) -> list[str]:
    """Return the codes of what is wrong with an address; whether it exists, only a letter can tell."""
    name, at, host = email.rpartition("@")
    plain = email.isascii() and email.isprintable() and not any(char in email for char in ' ,;:<>()[]\\"')
    if len(email) > MAX_EMAIL or not (name and at and plain) or "@" in name or "." not in host.strip("."):
        return ["email.form"]
    return []
