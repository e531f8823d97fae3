"""The papers of a subscriber's contract, as a list; the file itself comes from /files/document/<id>."""

from dataclasses import dataclass
from datetime import datetime

from models.access import Access
from models.contract import Document
from services.authority import Actor, own_contract

WITHOUT_IDENTITY = ('act', 'receipt')
"""Kinds of papers with no passport in them; the contract itself has one (papers/contract.typ)."""


@dataclass(frozen=True)
class DocumentLine:
    """One paper: `kind` is contract | act | receipt."""

    id: int
    kind: str
    title: str
    is_signed: bool
    created_at: datetime


def list_own(*, actor: Actor | None) -> tuple[DocumentLine, ...]:
    """Return the papers of the actor's contract, the newest first, without the files.

    Relatives do not get those with identity papers in them.
    """
    contract = own_contract(actor, need=Access.SEE)
    assert actor is not None  # own_contract has refused a stranger
    columns = (Document.id, Document.kind, Document.title, Document.is_signed, Document.created_at)
    rows = Document.select(*columns).where(Document.contract == contract).order_by(Document.id.desc())
    if contract.subscriber.user_id != actor.user_id:
        rows = rows.where(Document.kind.in_(WITHOUT_IDENTITY))
    return tuple(DocumentLine(r.id, r.kind, r.title, r.is_signed, r.created_at) for r in rows)
