"""The papers of a subscriber's contract, as a list; the file itself comes from /files/document/<id>."""

from dataclasses import dataclass
from datetime import datetime

from models.access import Access
from models.contract import Document
from services.authority import Actor, own_contract


@dataclass(frozen=True)
class DocumentLine:
    """One paper: `kind` is contract | act | receipt."""

    id: int
    kind: str
    title: str
    is_signed: bool
    created_at: datetime


def list_own(*, actor: Actor | None) -> tuple[DocumentLine, ...]:
    """Return the papers of the actor's contract, the newest first, without the files."""
    contract = own_contract(actor, need=Access.SEE)
    columns = (Document.id, Document.kind, Document.title, Document.is_signed, Document.created_at)
    rows = Document.select(*columns).where(Document.contract == contract).order_by(Document.id.desc())
    return tuple(DocumentLine(r.id, r.kind, r.title, r.is_signed, r.created_at) for r in rows)
