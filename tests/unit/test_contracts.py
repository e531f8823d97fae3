"""A contract from its draft to the signature: who may, what must be there, what begins with it."""

from datetime import date
from decimal import Decimal

import pytest

from models.account import Operation
from models.application import Application, ApplicationEvent, Redemption, RedemptionState
from models.application import ApplicationStatus as S
from models.catalogue import PromoCode, PromoKind
from models.contract import ConnectedAddOn, Contract, ContractStatus, Discount, Document, EquipmentUnit, Subscriber
from models.user import AuditEvent, Role, User, UserRole
from models.visit import VisitReport
from services.accounts import invariants, ledger
from services.contracts import activation, contracts, identity_papers
from services.contracts.activation import NotReady
from services.contracts.contracts import AlreadySigned
from services.contracts.identity_papers import PapersForm
from services.errors import InvalidField, InvalidForm, NotAllowed, NotFound, SignInRequired, WrongTransition
from services.events import ApplicationChanged, ContractChanged, VisitChanged
from services.offers import promo_codes
from services.quotes.monthly import PromoEffect
from services.visits import equipment, signatures, visits
from tests import factories, field
from tests.field import LINE, PAPERS, SIGNATURE, key


@pytest.fixture
def ivan(storage):
    """Иван, the other technician."""
    user = factories.make_user(Role.TECHNICIAN, login='ivan', name='Иван')
    return factories.actor(user, Role.TECHNICIAN)


def contract_at(visit):
    return Contract.get(Contract.application == visit.application)


def test_operator_prepares_a_draft_and_a_second_call_returns_the_same(db, taras, olga):
    visit = field.make_case(taras)
    first = contracts.draft_for_application(visit.application.number, actor=olga)
    second = contracts.draft_for_application(visit.application.number, actor=taras)
    assert first == second
    contract = Contract.get_by_id(first.contract_id)
    assert contract.status == ContractStatus.DRAFT
    assert contract.number.isdigit()
    assert len(contract.number) == 6
    assert contract.subscriber.full_name == 'Новикова Нина'
    assert contract.subscriber.user is None
    assert contract.tariff.code == 'I-100'
    assert Application.get_by_id(visit.application.id).contract_id == contract.id
    assert AuditEvent.select().where(AuditEvent.action == 'contract.draft').count() == 1
    assert ApplicationChanged(visit.application.id) in db.events


def test_two_drafts_have_two_numbers(db, taras, olga):
    numbers = [field.draft_number(field.make_case(taras), olga) for _ in range(3)]
    assert len(set(numbers)) == 3
    assert numbers == sorted(numbers)


@pytest.mark.parametrize('status', [S.NEW, S.IN_REVIEW, S.CANCELLED, S.REJECTED])
def test_nothing_agreed_no_contract(db, taras, olga, status):
    visit = field.make_case(taras, status=status)
    with pytest.raises(WrongTransition):
        contracts.draft_for_application(visit.application.number, actor=olga)
    assert not Contract.select().exists()


def test_who_may_not_make_a_draft(db, taras, ivan, anna, stranger):
    number = field.make_case(taras).application.number
    with pytest.raises(SignInRequired):
        contracts.draft_for_application(number, actor=stranger)
    with pytest.raises(NotAllowed):
        contracts.draft_for_application(number, actor=anna)
    with pytest.raises(NotFound):
        contracts.draft_for_application(number, actor=ivan)


@pytest.mark.parametrize('number', [None, {}, '', '999999', 'x' * 10_000])
def test_no_draft_for_an_unknown_application(db, olga, number):
    with pytest.raises(NotFound):
        contracts.draft_for_application(number, actor=olga)


def test_papers_are_normalised_and_sealed(db, taras, olga):
    number = field.draft_number(field.make_case(taras), olga)
    draft = contracts.fill_papers(number, PAPERS, actor=olga)
    assert draft.has_papers
    assert draft.doubts == ()
    person = Contract.get(Contract.number == number).subscriber
    papers = identity_papers.kept(person)
    assert papers.passport == 'MP1234567'  # Cyrillic М and Р were typed
    assert papers.birth_date == date(1990, 7, 23)
    for column in ('passport', 'personal_number', 'birth_date'):
        assert b'1234567' not in bytes(getattr(person, column))
        assert b'1990' not in bytes(getattr(person, column))


def test_sealed_papers_do_not_open_in_another_row(db, taras, olga):
    first, second = (field.draft_number(field.make_case(taras), olga) for _ in range(2))
    contracts.fill_papers(first, PAPERS, actor=olga)
    one, other = (Contract.get(Contract.number == number).subscriber for number in (first, second))
    for column in ('passport', 'personal_number', 'birth_date'):
        setattr(other, column, getattr(one, column))
    with pytest.raises(Exception, match='does not belong'):
        identity_papers.kept(other)


@pytest.mark.at('2026-11-22 12:00')
@pytest.mark.parametrize(
    ('name', 'typed'),
    [
        ('passport', ''), ('passport', 'MP123456'), ('passport', 'ЖЖ1234567'), ('passport', {'a': 1}),
        ('passport', 'M' * 10_000), ('passport', 'MP123456７'), ('issued_by', ' '), ('issued_by', 'я' * 201),
        ('issued_by', 'РУВД\x00'), ('issued_by', '🙂🙂🙂'), ('issued_on', '31.02.2019'), ('issued_on', '23.11.2026'),
        ('issued_on', '14.02.1985'), ('personal_number', '123'), ('personal_number', None),
        ('birth_date', '23.11.2008'), ('birth_date', '01.01.1850'), ('birth_date', 'вчера'),
    ],
)  # fmt: skip
def test_wrong_papers_are_told_beside_the_field(db, taras, olga, name, typed):
    number = field.draft_number(field.make_case(taras), olga)
    with pytest.raises(InvalidForm) as refusal:
        contracts.fill_papers(number, PapersForm(**{**vars(PAPERS), name: typed}), actor=olga)
    assert set(refusal.value.errors) == {name}
    assert Contract.get(Contract.number == number).subscriber.passport is None


@pytest.mark.at('2026-11-22 12:00')
def test_eighteen_today_is_enough():
    papers = identity_papers.validate(PapersForm(**{**vars(PAPERS), 'birth_date': '22.11.2008'}))
    assert papers.birth_date == date(2008, 11, 22)


@pytest.mark.parametrize('number', ['3150185A000PB7', '4230790B001PB5', '5010107H002PB7', '6311299C003PB4'])
def test_check_digit_of_known_numbers(number):
    assert identity_papers.check_digit(number) == int(number[-1])


def test_a_wrong_check_digit_is_a_doubt_and_no_refusal(db, taras, olga):
    number = field.draft_number(field.make_case(taras), olga)
    wrong = PapersForm(**{**vars(PAPERS), 'personal_number': '4230790B001PB6'})
    assert len(contracts.fill_papers(number, wrong, actor=olga).doubts) == 1
    other_day = PapersForm(**{**vars(PAPERS), 'birth_date': '24.07.1990'})
    assert 'не совпадает' in contracts.fill_papers(number, other_day, actor=olga).doubts[0]


def test_papers_of_a_signed_contract_stay(db, taras, olga):
    _, number = field.signed(taras)
    with pytest.raises(AlreadySigned):
        contracts.fill_papers(number, PAPERS, actor=olga)


def test_signature_brings_the_contract_to_life(db, taras):
    visit, number = field.signed(taras, package={'equipment': {'R-AC': 'rent'}, 'addons': ['A-IP']})
    contract = Contract.get(Contract.number == number)
    assert contract.status == ContractStatus.ACTIVE
    assert contract.signed_at is not None
    assert contract.active_on is not None
    user = contract.subscriber.user
    assert (user.email, user.phone, user.password_hash) == ('nina@example.by', factories.PHONE, None)
    assert [row.role for row in UserRole.select().where(UserRole.user == user)] == [Role.SUBSCRIBER]
    units = {u.equipment.code: u for u in EquipmentUnit.select().where(EquipmentUnit.contract == contract)}
    assert units['R-AC'].ownership == 'rented'
    assert units['R-AC'].monthly_fee == Decimal('4.50')
    assert units['ONT'].ownership == 'lent'
    assert units['ONT'].monthly_fee == 0
    assert all(unit.installed_at for unit in units.values())
    assert [row.add_on.code for row in ConnectedAddOn.select().where(ConnectedAddOn.contract == contract)] == ['A-IP']
    assert {row.kind for row in Document.select().where(Document.contract == contract)} == {'contract', 'act'}
    assert Application.get_by_id(visit.application.id).status == S.ACTIVATED
    assert ledger.balance(contract) < 0
    assert invariants.self_check() == []
    assert VisitReport.get(VisitReport.visit == visit).signed_name == 'Новикова Нина'
    event = AuditEvent.get(AuditEvent.action == 'contract.sign')
    report = VisitReport.get(VisitReport.visit == visit)
    assert event.facts['signature'] == signatures.fingerprint(report.signature_svg)
    assert event.facts['contract'] in {row.sha256 for row in Document.select()}
    assert {ContractChanged(contract.id), VisitChanged(visit.id, taras.user_id)} <= set(db.events)


@pytest.mark.at('2026-11-21 12:00')
def test_the_first_charge_is_the_rest_of_the_month(db, taras):
    _, number = field.signed(taras)
    contract = Contract.get(Contract.number == number)
    # 10 of 30 days: I-100 29.90 and the router 4.50
    assert ledger.balance(contract) == -(Decimal('9.97') + Decimal('1.50'))


def test_the_same_click_twice_signs_once(db, taras):
    visit, form_key = field.ready(taras), key()
    first = activation.sign_and_activate(visit.id, SIGNATURE, form_key, actor=taras)
    operations = Operation.select().count()
    assert activation.sign_and_activate(visit.id, SIGNATURE, form_key, actor=taras) == first
    assert Document.select().count() == 2
    assert User.select().where(User.email == 'nina@example.by').count() == 1
    assert Operation.select().count() == operations
    assert ApplicationEvent.select().where(ApplicationEvent.form_key == form_key).count() == 1


def test_another_click_after_the_signature_is_refused(db, taras):
    visit, _ = field.signed(taras)
    with pytest.raises(WrongTransition):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)


def test_no_signature_before_equipment_line_and_papers(db, taras):
    visit = field.arrived(taras)
    with pytest.raises(WrongTransition):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)
    gaps = ['оборудование', 'проверку линии', 'документы клиента']
    steps = [
        lambda: field.record_devices(visit, taras),
        lambda: visits.record_line(visit.id, LINE, actor=taras),
        lambda: visits.fill_papers(visit.id, PAPERS, actor=taras),
    ]
    for step in steps:
        with pytest.raises(NotReady) as refusal:
            visits.begin_signing(visit.id, key(), actor=taras)
        assert refusal.value.facts['missing'] == ', '.join(gaps)
        gaps.pop(0)
        step()
    visits.begin_signing(visit.id, key(), actor=taras)


def test_the_gate_is_asked_again_at_the_signature(db, taras):
    visit = field.ready(taras)
    equipment.take_back(contract_at(visit))
    with pytest.raises(NotReady):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)
    assert contract_at(visit).status == ContractStatus.DRAFT
    assert not Document.select().exists()


def test_facts_changed_while_the_paper_was_made_nothing_is_signed(db, taras, monkeypatch):
    visit = field.ready(taras)
    make = activation.documents.signed_papers

    def slow(facts, drawn):
        Subscriber.update(last_name='Другая').where(Subscriber.id == contract_at(visit).subscriber.id).execute()
        return make(facts, drawn)

    monkeypatch.setattr(activation.documents, 'signed_papers', slow)
    with pytest.raises(WrongTransition):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)
    assert contract_at(visit).status == ContractStatus.DRAFT


def test_somebody_elses_visit_is_not_found(db, taras, ivan, olga, stranger):
    visit = field.ready(taras)
    with pytest.raises(NotFound):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=ivan)
    with pytest.raises(NotAllowed):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=olga)
    with pytest.raises(SignInRequired):
        activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=stranger)


def with_promo(visit, code, effect):
    Redemption.create(
        promo_code=PromoCode.get(PromoCode.code == code), application=visit.application, address_key=code,
        state=RedemptionState.RESERVED, effect=promo_codes.snapshot(effect), at=visit.created_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ('day', 'last'),
    [
        pytest.param(21, date(2027, 2, 1), marks=pytest.mark.at('2026-11-21 12:00')),
        pytest.param(1, date(2027, 1, 1), marks=pytest.mark.at('2026-11-01 12:00')),
    ],
)
def test_promo_code_lasts_the_part_of_the_month_and_three_full_ones(db, taras, day, last):
    visit = field.ready(taras)
    with_promo(visit, 'OSEN3', PromoEffect('OSEN3', PromoKind.MONTHS_PERCENT, '−30 %', percent=30, months=3))
    activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)
    discount = Discount.get()
    assert (discount.first_month, discount.last_month, discount.percent) == (date(2026, 11, 1), last, 30)
    assert Redemption.get().state == RedemptionState.REDEEMED
    tariff = Operation.get(Operation.key.contains(':tariff:'))
    assert '30 %' in tariff.formula


def test_promo_code_on_the_connection_leaves_no_discount_on_months(db, taras):
    visit = field.ready(taras)
    with_promo(visit, 'DOM50', PromoEffect('DOM50', PromoKind.CONNECTION_PERCENT, '−50 %', percent=50))
    activation.sign_and_activate(visit.id, SIGNATURE, key(), actor=taras)
    assert not Discount.select().exists()
    assert Redemption.get().state == RedemptionState.REDEEMED


BAD_SIGNATURES = [
    '', '   ', None, {'svg': 1}, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240"></svg>',
    SIGNATURE.replace('</svg>', '<script>alert(1)</script></svg>'),
    SIGNATURE.replace('<path', '<path onload="x"', 1),
    SIGNATURE.replace('<path', '<a href="//x"/><path', 1),
    SIGNATURE.replace('<svg', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg', 1),
    SIGNATURE.replace(field.STROKE, 'M1 1'),
    SIGNATURE.replace(field.STROKE, 'M1 1' + 'L2 2' * 40),
    SIGNATURE.replace(field.STROKE, 'M1 1' + 'L20 30' * 6000),
    SIGNATURE.replace(field.STROKE, '10 20'),
    SIGNATURE.replace('M10 90', 'M10 90C1 1 2 2 3 3'),
    SIGNATURE.replace('M10 90', 'M１0 90'),
]  # fmt: skip


@pytest.mark.parametrize('drawn', BAD_SIGNATURES, ids=range(len(BAD_SIGNATURES)))
def test_what_is_no_signature_is_refused(drawn):
    with pytest.raises(InvalidField) as refusal:
        signatures.validate(drawn)
    assert refusal.value.field == 'signature'


def test_a_kept_signature_holds_only_our_own_paths():
    kept = signatures.validate(SIGNATURE)
    assert kept.count('<path d="M10 90L19 78') == 1
    assert len(kept) < signatures.LARGEST + 400
