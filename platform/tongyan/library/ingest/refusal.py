"""Why a file, or a step of its ingest, is refused."""


class Refused(Exception):
    """The content cannot be accepted (or this step cannot be done with it); `code` names the sentence."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
