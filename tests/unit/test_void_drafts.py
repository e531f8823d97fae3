"""An application closed without a signature: its draft is void, the papers are erased, the devices go back."""

import pytest

from models.application import ApplicationStatus as S
from models.contract import Contract, ContractStatus, EquipmentUnit
from models.user import AuditEvent
from services.applications import applications
from services.clock import now
from services.contracts import contracts, documents, identity_papers
from services.contracts.contracts import AlreadySigned
from services.contracts.identity_papers import PaperKind, PapersForm
from services.errors import InvalidForm, NotFound, WrongTransition
from services.events import ContractChanged
from services.visits import visits
from tests import field
from tests.field import LINE, PAPERS, key


def contract_of(visit):
    return Contract.get(Contract.application == visit.application)


def test_closing_an_application_ends_its_draft(db, taras, olga):
    visit = field.make_case(taras)
    number = field.draft_number(visit, olga)
    contracts.fill_papers(number, PAPERS, actor=olga)

    applications.move(visit.application.number, S.CANCELLED, 'Передумали', key(), actor=olga)

    contract = contract_of(visit)
    assert contract.status == ContractStatus.VOID
    assert identity_papers.kept(contract.subscriber) is None
    assert AuditEvent.select().where(AuditEvent.action == 'contract.void').count() == 1
    assert ContractChanged(contract.id) in db.events


def test_a_void_contract_is_neither_filled_nor_printed_nor_drawn_up_again(db, taras, olga):
    visit = field.make_case(taras)
    number = field.draft_number(visit, olga)
    applications.move(visit.application.number, S.CANCELLED, 'Передумали', key(), actor=olga)

    with pytest.raises(WrongTransition):
        contracts.fill_papers(number, PAPERS, actor=olga)
    with pytest.raises(WrongTransition):
        contracts.draft_for_application(visit.application.number, actor=olga)
    with pytest.raises(NotFound):
        documents.print_contract(number, actor=olga)
    assert identity_papers.kept(contract_of(visit).subscriber) is None


def test_a_client_who_refuses_to_sign_leaves_no_papers_behind(db, taras):
    visit = field.ready(taras)

    visits.fail(visit.id, 'Клиент передумал', key(), actor=taras)

    contract = contract_of(visit)
    assert contract.status == ContractStatus.VOID
    assert identity_papers.kept(contract.subscriber) is None
    assert not EquipmentUnit.select().where(EquipmentUnit.returned_at.is_null()).exists()


def test_a_visit_that_failed_before_the_papers_keeps_the_draft_for_the_next(db, taras):
    visit = field.arrived(taras)

    visits.fail(visit.id, 'Нет порта', key(), actor=taras)

    assert contract_of(visit).status == ContractStatus.DRAFT


def test_a_device_that_went_back_is_given_to_the_next_client(db, taras):
    first = field.ready(taras, suffix='0007')
    visits.fail(first.id, 'Клиент передумал', key(), actor=taras)

    second = field.ready(taras, suffix='0007')

    assert EquipmentUnit.get(EquipmentUnit.serial == 'TP0007').contract == contract_of(second)


def test_a_device_a_subscriber_returned_is_given_to_the_next_client(db, taras):
    first, _number = field.signed(taras, suffix='0008')
    EquipmentUnit.update(returned_at=now()).where(EquipmentUnit.contract == contract_of(first)).execute()

    field.signed(taras, suffix='0008')

    assert EquipmentUnit.select().where(EquipmentUnit.serial == 'TP0008').count() == 2


def test_a_signed_contract_stays_when_its_papers_are_typed_again(db, taras):
    visit, number = field.signed(taras)

    with pytest.raises(AlreadySigned):
        contracts.fill_papers(number, PAPERS, actor=taras)
    assert contract_of(visit).status == ContractStatus.ACTIVE


def test_a_foreigner_signs_with_a_paper_of_his_country(db, taras):
    visit = field.arrived(taras)
    field.record_devices(visit, taras)
    visits.record_line(visit.id, LINE, actor=taras)
    number = contract_of(visit).number
    form = PapersForm('N 01234567', 'Polizia di Stato 7', '14.02.2019', '', '23.07.1990', 'foreign_passport')

    draft = contracts.fill_papers(number, form, actor=taras)

    papers = identity_papers.kept(contract_of(visit).subscriber)
    assert draft.has_papers
    assert draft.doubts == ()
    assert (papers.kind, papers.passport, papers.personal_number) == (PaperKind.FOREIGN_PASSPORT, 'N01234567', '')


@pytest.mark.parametrize(
    ('kind', 'number', 'personal', 'wrong'),
    [
        ('id_card', 'BY1234567', '', {'personal_number'}),
        ('residence_permit', 'ABCD', '', {'passport'}),
        ('residence_permit', '12', '', {'passport'}),
        ('foreign_passport', 'Ж' * 6 + '1', '', {'passport'}),
        ('foreign_passport', 'N01234567', '123', {'personal_number'}),
        ('passport', 'N01234567', '4230790B001PB5', {'passport'}),
        ('driving_licence', 'N01234567', '', {'kind'}),
        (None, 'N01234567', '', {'kind'}),
        ({'a': 1}, 'N01234567', '', {'kind'}),
    ],
)
def test_each_kind_of_paper_has_its_own_rules(db, taras, olga, kind, number, personal, wrong):
    contract = field.draft_number(field.make_case(taras), olga)
    form = PapersForm(number, 'Отделом', '14.02.2019', personal, '23.07.1990', kind)

    with pytest.raises(InvalidForm) as refused:
        contracts.fill_papers(contract, form, actor=olga)

    assert set(refused.value.errors) == wrong
