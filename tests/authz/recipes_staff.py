"""Arguments for the services of the console and of the tablet; what is named there is the owner's, or Klava's.

Klava's application is new work: her visit is planned for the same technician, nothing is signed.
"""

from decimal import Decimal

from models.account import OperationKind
from models.application import ApplicationStatus as S
from models.contract import Contract, ContractStatus
from models.correction import Correction, CorrectionState
from models.registry import RegistryLine
from models.termination import Payout
from models.user import Role, User
from services.accounts import corrections, ledger, payouts, termination_desk, usage_desk
from services.accounts.ledger import Posting
from services.accounts.termination_requests import Wish
from services.applications.application_contacts import Contacts
from services.clock import today
from services.contracts import contracts, credentials
from services.network import line_ticks
from services.payments import registries
from services.visits import visit_slots, visits
from services.visits.visit_slots import free_slots
from tests import factories, field, line_cases
from tests.authz.given import given, in_days, plain
from tests.authz.world import PAPERS

CONTACTS = Contacts('+375291112233', 'Минск', 'ул. Новая', '1')
REASON = 'Передумали подключаться'


def _application(status):
    return factories.make_application(status=status)


def _at(status, *args):
    """Give a new application in this state, what was typed, and a fresh key."""
    return lambda w: given(_application(status).number, *args, factories.key())


def _planned(w):
    return field.make_case(w.technician)


def _scheduled(w, *args):
    return given(_planned(w).application.number, *args)


def _visit(state, *args, is_keyed=True):
    """Give a visit of the technician that was brought so far, what was typed, and a fresh key."""
    return lambda w: given(state(w).id, *args, *([factories.key()] if is_keyed else []))


def _arrived(w):
    return field.arrived(w.technician)


def _departed(w):
    visit = _planned(w)
    visits.depart(visit.id, factories.key(), actor=w.technician)
    return visit


def _ready(w):
    return field.ready(w.technician)


def _ready_but_for_the_step(w):
    visit = _arrived(w)
    field.record_devices(visit, w.technician)
    visits.record_line(visit.id, field.LINE, actor=w.technician)
    visits.fill_papers(visit.id, PAPERS, actor=w.technician)
    return visit


def _access_given(w):
    credentials.issue(w.contract.number, actor=w.technician)


def _to_seal(w):
    _access_given(w)
    return given(w.contract.number)


def _to_complete(w):
    _access_given(w)
    return given(w.visit.id)


def _draft(w):
    return contracts.draft_for_application(_arrived(w).application.number, actor=w.operator).number


def _to_schedule(w):
    days = ((day.day, each.slots) for day in free_slots(actor=w.operator)[1:] for each in day.technicians)
    day, slots = next((day, slots) for day, slots in days if slots)
    return given(_application(S.CONFIRMED).number, w.technician.user_id, day, slots[-1].hour, factories.key())


def _to_cancel(w):
    given_slot = _to_schedule(w)
    visit_slots.schedule(*given_slot.args, actor=w.operator)
    return given(given_slot.args[0], REASON, factories.key())


def _asked(w, *args):
    """Give a correction that a colleague asked for and that waits for a second employee."""
    colleague = factories.actor(factories.make_user(Role.OPERATOR, name='Рита'), Role.OPERATOR)
    corrections.correct(w.contract.number, 'credit', '80', REASON, factories.key(), actor=colleague)
    return given(Correction.get(Correction.state == CorrectionState.WAITING).id, *args)


def _asked_list(w):
    _asked(w)
    return given()


def _charged(w):
    posting = Posting(factories.key(), OperationKind.FEE, Decimal('-3.30'), 'Плата')
    return given(ledger.post(w.contract, posting).id, REASON, factories.key())


def _cut_line(w):
    return line_cases.blocked(w.contract)


def _to_tick(w):
    return given(_cut_line(w).id, 'cut', 'Свитч 3', factories.key())


def _to_undo(w):
    return given(line_ticks.tick(_cut_line(w).id, 'cut', '', factories.key(), actor=w.technician))


def _listed_line(w):
    _cut_line(w)
    return given()


def _owing(w):
    factories.top_up(w.contract, -ledger.balance(w.contract) - 5)
    return given()


def _to_end(w):
    quote = termination_desk.quote_for(w.contract.number, in_days(3).isoformat(), actor=w.operator)
    return given(w.contract.number, quote.id, factories.key(), Wish(paper='17/2026'))


def _ending(w):
    termination_desk.request_for(*_to_end(w).args, actor=w.operator)
    return given(w.contract.number)


def _over(w):
    Contract.update(status=ContractStatus.TERMINATED, terminated_on=today()).where(
        Contract.id == w.contract.id
    ).execute()


def _ended(w):
    _over(w)
    return given(w.contract.number)


def _rented(w, *args):
    return given(factories.make_unit(w.contract, 'R-AC').id, *args)


def _kept(w):
    _over(w)
    return _rented(w, 'Не вернули за месяц')


def _kept_and_back(w):
    _over(w)
    return _rented(w, '')


def _to_pay_out(w):
    _over(w)
    return given(w.contract.number, '10,00', '45', factories.key())


def _payout(w, *args):
    """Give a payout that a colleague asked for and that waits for a second employee."""
    _over(w)
    colleague = factories.actor(factories.make_user(Role.OPERATOR, name='Рита'), Role.OPERATOR)
    factories.top_up(w.contract, Decimal('100.00'))
    payouts.pay_out(w.contract.number, '80', '45', factories.key(), actor=colleague)
    return given(Payout.get().id, *args)


def _usage_table(w):
    text = f'{w.contract.number};{today():%Y-%m};1048576'
    return given(usage_desk.send(text, actor=w.people[Role.OPERATOR]))


def _register():
    day = f'{today():%d.%m.%Y}'
    return f'Дата;Счёт;Сумма;Документ;Назначение\n{day};100001;5;71;\n{day};9;5;72;'.encode()


def _loaded(w):
    """Give a register that was loaded and not booked."""
    return given(registries.load('erip', 'register.csv', _register(), actor=_colleague(w)))


def _to_assign(w):
    """Give a payment nobody knew, of a register that a colleague booked."""
    registries.book(_loaded(w).args[0], actor=_colleague(w))
    return given(RegistryLine.get(RegistryLine.state == 'unknown').id, w.contract.number)


def _to_assign_list(w):
    _to_assign(w)
    return given()


def _colleague(_w):
    found = User.get_or_none(User.name == 'Рита')
    return factories.actor(found or factories.make_user(Role.OPERATOR, name='Рита'), Role.OPERATOR)


RECIPES = {
    'accounts.correction_list.list_corrections': _asked_list,
    'accounts.corrections.approve': _asked,
    'accounts.corrections.correct': lambda w: given(w.contract.number, 'credit', '5', REASON, factories.key()),
    'accounts.corrections.refuse': lambda w: _asked(w, REASON),
    'accounts.corrections.reverse': _charged,
    'accounts.debts.export_piece': _owing,
    'accounts.debts.list_debts': _owing,
    'accounts.payouts.approve': _payout,
    'accounts.payouts.pay_out': _to_pay_out,
    'accounts.payouts.refuse': lambda w: _payout(w, REASON),
    'accounts.termination_desk.get_desk': lambda w: given(w.contract.number),
    'accounts.termination_desk.quote_for': lambda w: given(w.contract.number, in_days(3).isoformat()),
    'accounts.termination_desk.request_for': _to_end,
    'accounts.termination_desk.withdraw_for': _ending,
    'accounts.termination_devices.accept': _kept_and_back,
    'accounts.termination_devices.charge_device': _kept,
    'accounts.termination_list.list_ends': plain,
    'contracts.statements.make_last_statement': _ended,
    'accounts.usage_desk.send': lambda w: given('100001;2026-11;5'),
    'accounts.usage_desk.show': plain,
    'accounts.usage_desk.take': _usage_table,
    'accounts.wallet_desk.get_wallet': lambda w: given(w.contract.number),
    'applications.application_cards.get_card': lambda w: given(w.application.number),
    'applications.application_contacts.correct_contacts': _at(S.IN_REVIEW, CONTACTS),
    'applications.application_queue.list_open': plain,
    'applications.applications.add_note': _at(S.IN_REVIEW, 'Просит звонить вечером'),
    'applications.applications.cancel': _at(S.IN_REVIEW, REASON),
    'applications.applications.move': _at(S.IN_REVIEW, S.CONFIRMED, ''),
    'applications.applications.record_call': _at(S.IN_REVIEW, 'reached', ''),
    'applications.applications.reject': _at(S.IN_REVIEW, REASON),
    'applications.applications.take': _at(S.NEW),
    'contracts.activation.sign_and_activate': _visit(_ready, field.SIGNATURE),
    'contracts.contracts.draft_for_application': _scheduled,
    'contracts.contracts.fill_papers': lambda w: given(_draft(w), PAPERS),
    'contracts.credentials.issue': lambda w: given(w.contract.number),
    'contracts.credentials.reissue': lambda w: given(w.contract.number, 'Потерял карточку', factories.key()),
    'contracts.credentials.seal': _to_seal,
    'contracts.documents.open_document': lambda w: given(w.document),
    'contracts.documents.print_contract': lambda w: given(_draft(w)),
    'contracts.subscriber_cards.get_card': lambda w: given(w.contract.number),
    'contracts.subscribers.list_subscribers': plain,
    'network.line_list.export_table': _listed_line,
    'network.line_list.list_done': _listed_line,
    'network.line_list.list_lines': _listed_line,
    'network.line_start.may_settle': plain,
    'network.line_start.settle': _listed_line,
    'network.line_ticks.tick': _to_tick,
    'network.line_ticks.undo': _to_undo,
    'payments.payment_register.list_payments': plain,
    'payments.registries.assign': _to_assign,
    'payments.registries.book': _loaded,
    'payments.registries.load': lambda w: given('erip', 'register.csv', _register()),
    'payments.registry_desk.list_registries': _to_assign_list,
    'payments.registry_desk.show_registry': _loaded,
    'visits.visit_access.own_visit': _visit(_planned, is_keyed=False),
    'visits.visit_access.require_paperwork': lambda w: given(_planned(w).application.id),
    'visits.visit_cards.get_visit': lambda w: given(w.visit.id),
    'visits.visit_cards.list_day': lambda w: given(today()),
    'visits.visit_slots.cancel_visit': _to_cancel,
    'visits.visit_slots.free_slots': plain,
    'visits.visit_slots.schedule': _to_schedule,
    'visits.visit_week.list_week': plain,
    'visits.visits.arrive': _visit(_departed),
    'visits.visits.begin_signing': _visit(_ready_but_for_the_step),
    'visits.visits.complete': _to_complete,
    'visits.visits.depart': _visit(_planned),
    'visits.visits.fail': _visit(_arrived, 'Нет места в муфте'),
    'visits.visits.fill_papers': _visit(_arrived, PAPERS, is_keyed=False),
    'visits.visits.no_access': _visit(_departed, 'Никто не открыл'),
    'visits.visits.record_equipment': _visit(_arrived, 'R-AC', 'TP9999', '50:C7:BF:00:99:99', is_keyed=False),
    'visits.visits.record_line': _visit(_arrived, field.LINE, is_keyed=False),
    'visits.visits.sign': _visit(_ready, field.SIGNATURE),
}
