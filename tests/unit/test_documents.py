"""Papers: what stands in them, that they are always the same, and who may open them."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from models.contract import Contract, Document
from models.user import AuditEvent, Role
from services.contracts import contracts, documents
from services.contracts.paper_facts import COPIES, as_json, facts_of
from services.errors import NotAllowed, NotFound, SignInRequired
from services.identity.vault import SealBroken
from tests import factories, field
from tests.field import PAPERS

needs_pdftotext = pytest.mark.skipif(shutil.which('pdftotext') is None, reason='pdftotext (poppler-utils) is missing')
HOSTILE = '#import "/etc/passwd": x *жирный* $x^2$ <label> @ref `raw` \\ // комментарий #panic("x")'


@pytest.fixture
def ivan(storage):
    """Иван, the other technician."""
    user = factories.make_user(Role.TECHNICIAN, login='ivan', name='Иван')
    return factories.actor(user, Role.TECHNICIAN)


def text_of(pdf):
    """Return the words of a PDF, each run of spaces as one."""
    command = ['pdftotext', '-layout', '-', '-']
    found = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return ' '.join(found.stdout.decode().split())


def draft_facts(visit, actor):
    number = field.draft_number(visit, actor)
    contract = Contract.get(Contract.number == number)
    return facts_of(contract, contract.application)


@needs_pdftotext
def test_the_printed_contract_has_two_copies_with_parties_prices_and_blanks(db, taras, olga):
    visit = field.make_case(taras, package={'equipment': {'R-AC': 'rent'}, 'tv': 'T-BASE', 'addons': ['A-IP']})
    number = field.draft_number(visit, olga)
    contracts.fill_papers(number, PAPERS, actor=olga)
    paper = documents.print_contract(number, actor=olga)
    text = text_of(paper.pdf)
    assert paper.name == f'Договор {number}, два экземпляра.pdf'
    assert all(copy in text for copy in COPIES)
    assert text.count(f'Договор № {number}') == 2
    words = ('Новикова Нина', 'MP1234567', '4230790B001PB5', '23.07.1990', '+375 29 123-45-67', 'кв. 12', 'Комфорт')
    assert all(word in text.replace('\xa0', ' ') for word in words)
    # 29.90 + 12.90 − 3.90 + 4.50 + 6.00
    assert '49,40 р.' in text.replace('\xa0', ' ')
    assert 'подписано на экране' not in text
    assert AuditEvent.select().where(AuditEvent.action == 'contract.print').count() == 1


@needs_pdftotext
def test_a_draft_without_papers_can_be_printed(db, taras, olga):
    number = field.draft_number(field.make_case(taras), olga)
    assert f'Договор № {number}' in text_of(documents.print_contract(number, actor=olga).pdf)


@needs_pdftotext
def test_the_act_names_the_devices_and_the_reading(db, taras):
    _, number = field.signed(taras)
    paper = documents.open_document(Document.get(Document.kind == 'act').id, actor=taras)
    text = text_of(paper.pdf).replace('\xa0', ' ')
    for word in ('HWTC00000001', 'TP0001', '50:C7:BF:00:00:01', '−18,5 дБм', '94 Мбит/с', number, 'в аренде'):
        assert word in text


@needs_pdftotext
@pytest.mark.parametrize('name', [HOSTILE, '"' * 60, '\\', '#', '🙂 Ёжиков', 'Я' * 80])
def test_a_name_is_printed_letter_by_letter(db, taras, olga, name):
    facts = replace(draft_facts(field.make_case(taras), olga), name=name)
    pdf = documents.compose('contract', as_json(facts, signature=None, copies=COPIES))
    shown = text_of(pdf).replace(' ', '')
    assert name.replace(' ', '').replace('🙂', '') in shown


def test_the_same_facts_give_the_same_bytes(db, taras, olga):
    shown = as_json(draft_facts(field.make_case(taras), olga), signature=None, copies=COPIES)
    assert documents.compose('contract', shown) == documents.compose('contract', shown)


def test_a_kept_paper_is_sealed(db, taras):
    field.signed(taras)
    row = Document.get(Document.kind == 'contract')
    assert b'%PDF' not in bytes(row.pdf)[:64]
    paper = documents.open_document(row.id, actor=taras)
    assert paper.pdf.startswith(b'%PDF')
    assert paper.sha256 == row.sha256
    other = Document.get(Document.kind == 'act')
    Document.update(pdf=row.pdf).where(Document.id == other.id).execute()
    with pytest.raises(SealBroken):
        documents.open_document(other.id, actor=taras)


def test_who_opens_a_kept_paper(db, taras, ivan, olga, anna, stranger):
    _, number = field.signed(taras)
    contract = Contract.get(Contract.number == number)
    nina = factories.actor(contract.subscriber.user, Role.SUBSCRIBER, contract)
    document = Document.get(Document.kind == 'contract')
    for actor in (taras, olga):
        assert documents.open_document(document.id, actor=actor).pdf
    assert not nina.wears(Role.SUBSCRIBER)  # the one-time password is not changed yet
    with pytest.raises(NotAllowed):
        documents.open_document(document.id, actor=nina)
    assert documents.open_document(document.id, actor=replace(nina, must_change_password=False)).pdf
    for actor in (ivan, anna):
        with pytest.raises(NotFound):
            documents.open_document(document.id, actor=actor)
    with pytest.raises(SignInRequired):
        documents.open_document(document.id, actor=stranger)
    with pytest.raises(NotFound):
        documents.open_document(document.id + 1000, actor=olga)


def test_who_prints_a_contract(db, taras, ivan, anna, stranger):
    number = field.draft_number(field.make_case(taras), taras)
    assert documents.print_contract(number, actor=taras).pdf
    for actor, refusal in ((ivan, NotFound), (anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            documents.print_contract(number, actor=actor)
    for unknown in ('100001', None, {'a': 1}, 'x' * 10_000):
        with pytest.raises(NotFound):
            documents.print_contract(unknown, actor=taras)
