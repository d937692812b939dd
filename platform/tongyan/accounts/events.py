"""Facts about people and how they prove who they are."""

from dataclasses import dataclass
from uuid import UUID

from tongyan.kernel.events import Fact


@dataclass(frozen=True, slots=True)
class CredentialChanged(Fact):
    """A password, second factor or address changed; `kind` names what, the person is told."""

    person_id: UUID
    kind: str  # "password" | "factor_added" | "factor_removed" | "recovery_codes" | "email" | "token"
    old_email: str | None = None


@dataclass(frozen=True, slots=True)
class NoticesChanged(Fact):
    """A person was told something, or has read it; the bell of every open page must show it."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class PersonChanged(Fact):
    """An account was made, changed, closed or opened again; `renamed` says that its person has another name now."""

    person_id: UUID
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class SessionsEnded(Fact):
    """Some or all of a person's sessions are over; open pages must find out."""

    person_id: UUID
