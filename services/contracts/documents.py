"""Papers as PDF: made by typst from facts, kept sealed (a passport stands in them), opened for whom they concern."""

import base64
import hashlib
import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import typst

from models.access import Access
from models.application import Application
from models.contract import Contract, ContractStatus, Document, Subscriber
from models.region import Region
from models.user import STAFF, Role
from services import audit
from services.authority import Actor, reachable, require_role
from services.clock import now
from services.contracts.own_documents import WITHOUT_IDENTITY
from services.contracts.paper_facts import COPIES, PaperFacts, Signature, as_json, facts_of
from services.errors import NotFound
from services.identity import vault
from services.runner import transactional
from services.visits.visit_access import PRESENT, WORKING, has_visit

log = logging.getLogger(__name__)
TEMPLATES = Path(__file__).parent / 'papers'


@dataclass(frozen=True)
class Paper:
    """A PDF with the name under which a browser saves it."""

    name: str
    pdf: bytes

    @property
    def sha256(self) -> str:
        """Return the fingerprint of the file in hex."""
        return hashlib.sha256(self.pdf).hexdigest()


def compose(template: str, facts: dict[str, Any]) -> bytes:
    """Return the PDF of `papers/<template>.typ`. The same facts give the same bytes.

    Facts travel as JSON through typst's inputs; nothing a person wrote becomes source of the template. Only fonts that
    come with typst are used, so the paper looks alike on every machine. It is PDF/UA: it can be read aloud; only when
    somebody's text holds a sign the font does not have, it is a plain PDF with an empty box instead.
    """
    compiler = typst.Compiler(
        TEMPLATES / f'{template}.typ', root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True
    )
    inputs = {'facts': json.dumps(facts, ensure_ascii=False)}
    try:
        return cast('bytes', compiler.compile(format='pdf', sys_inputs=inputs, pdf_standards=['ua-1']))
    except typst.TypstError as error:
        if 'PDF/UA' not in error.message:
            raise
        log.warning('A paper is no PDF/UA: %s', template)
        return cast('bytes', compiler.compile(format='pdf', sys_inputs=inputs))


def signed_papers(facts: PaperFacts, signature: Signature) -> tuple[Paper, Paper]:
    """Return the signed contract and the act of completed work. Takes no database: call it outside the transaction."""
    shown = as_json(facts, signature=signature, copies=('Подписан на экране планшета',))
    return (
        Paper(f'Договор {facts.number}.pdf', compose('contract', shown)),
        Paper(f'Акт {facts.number}.pdf', compose('act', shown)),
    )


def print_contract(number: str, *, actor: Actor | None) -> Paper:
    """Return the contract in two copies on paper, with blanks for hands, to be brought to the client.

    Raises:
        SignInRequired, NotAllowed: not an operator and not a technician.
        NotFound: no such contract from an application, one that will not be signed any more,
            or a technician who does not go there.
    """
    actor = require_role(actor, Role.OPERATOR, Role.ADMINISTRATOR, Role.TECHNICIAN)
    contract, application = _contract(number)
    if contract.status == ContractStatus.VOID:
        raise NotFound
    if actor.role == Role.TECHNICIAN and not has_visit(application, actor, (*WORKING, *PRESENT)):
        raise NotFound
    shown = as_json(facts_of(contract, application), signature=None, copies=COPIES)
    paper = Paper(f'Договор {contract.number}, два экземпляра.pdf', compose('contract', shown))
    _note_print(contract, actor)
    return paper


def store(contract: Contract, kind: str, title: str, pdf: bytes, *, is_signed: bool) -> Document:
    """Keep a paper of a contract, sealed; kind is contract, act or receipt."""
    fingerprint = hashlib.sha256(pdf).hexdigest()
    row = Document.create(
        contract=contract, kind=kind, title=title, pdf=b'', sha256=fingerprint, is_signed=is_signed, created_at=now()
    )
    row.pdf = vault.seal(base64.b64encode(pdf).decode(), aad=vault.aad_of('document', row.id, 'pdf'))
    row.save(only=[Document.pdf])
    return row


def open_document(document_id: int, *, actor: Actor | None) -> Paper:
    """Return a kept paper to its subscriber, to operators and to the technician who was there; to relatives some.

    Raises:
        SignInRequired: nobody is signed in.
        NotFound: no such paper, or not his.
    """
    actor = require_role(actor, *Role)
    query = Document.select(Document, Contract, Subscriber).join(Contract).join(Subscriber)
    document = query.where(Document.id == document_id).get_or_none()
    if document is None or not _may_open(document, actor):
        raise NotFound
    if actor.role in STAFF:
        audit.note_reading(f'document:{document.id}', actor=actor)
    plain = vault.unseal(bytes(document.pdf), aad=vault.aad_of('document', document.id, 'pdf'))
    return Paper(f'{document.title}.pdf', base64.b64decode(plain))


def _may_open(document: Document, actor: Actor) -> bool:
    contract = document.contract
    if actor.wears(Role.OPERATOR, Role.ADMINISTRATOR):
        return True
    if actor.wears(Role.SUBSCRIBER):
        found = reachable(contract.id, actor.user_id)
        return found is not None and (found[1] == Access.OWNER or document.kind in WITHOUT_IDENTITY)
    return contract.application is not None and has_visit(contract.application, actor, PRESENT)


@transactional
def _note_print(contract: Contract, actor: Actor) -> None:
    audit.note('contract.print', f'contract:{contract.number}', actor=actor)


def _contract(number: str) -> tuple[Contract, Application]:
    query = (
        Contract.select(Contract, Subscriber, Application, Region)
        .join(Subscriber)
        .switch(Contract)
        .join(Application)
        .join(Region)
        .where(Contract.number == number)
    )
    contract: Contract | None = query.get_or_none() if isinstance(number, str) else None
    if contract is None or contract.application is None:
        raise NotFound
    return contract, contract.application


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Read the fonts once; Libertinus Serif has Cyrillic."""
    return typst.Fonts(include_system_fonts=False)
