"""Names and remarks as people type them."""

from tongyan.kernel.errors import Invalid

MAX_REASON = 255


def clean(text: str) -> str:
    """Return a text on one line, without characters that cannot be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def check_names(**names: tuple[str, int]) -> None:
    """Raise Invalid for names that are empty or too long, each given with its limit."""
    for field, (text, limit) in names.items():
        if not 0 < len(text) <= limit:
            raise Invalid(errors={field: ["org.name"]}, limit=limit)


def clean_reason(text: str, *, needed: bool) -> str:
    """Return a reason; raises Invalid when it is missing though needed, or too long."""
    reason = clean(text)
    if len(reason) > MAX_REASON or (needed and not reason):
        raise Invalid(errors={"reason": ["org.reason"]})
    return reason
