"""Arguments for the services of the cabinet, of one's own account and of the talk."""

from decimal import Decimal

from models.account import OperationKind
from models.contract import DebtBlock, Suspension
from models.saved_card import SavedCard
from models.termination import Termination
from models.user import Session
from services.accounts import add_ons, ledger, subscriptions, suspensions, tariff_changes, terminations
from services.accounts.ledger import Posting
from services.accounts.termination_requests import Wish
from services.clock import now, today
from services.identity import vault
from services.messages import chat
from services.payments import autopays, payments
from services.payments.autopays import Wish as AutopayWish
from tests import factories
from tests.authz.given import Of, given, in_days, plain

NEW_PASSWORD = 'кони едят овёс по утрам'


def _shown(quote, *args):
    """Give a quote that was shown to the owner, and a fresh key: what its button sends."""
    return lambda w: given(quote(*args, actor=w.owner).id, factories.key())


def _connected(w):
    add_ons.connect(add_ons.quote('A-IP', actor=w.owner).id, factories.key(), actor=w.owner)
    return given('A-IP')


def _in_debt(w):
    factories.top_up(w.contract, -ledger.balance(w.contract) - 5)
    DebtBlock.create(contract=w.contract, started_at=now())
    return given(factories.key())


def _suspend(w):
    fields = {'ends_on': in_days(30), 'form_key': factories.key(), 'created_at': now()}
    Suspension.create(contract=w.contract, starts_on=today(), **fields)


def _suspended(w):
    _suspend(w)
    return given()


def _ready_to_suspend(w):
    return given(suspensions.quote(in_days(3), 20, actor=w.owner).id, factories.key())


def _ready_to_resume(w):
    _suspend(w)
    return given(suspensions.quote_resume(actor=w.owner).id, factories.key())


def _planned(w):
    quote = tariff_changes.quote('I-200', 'next', actor=w.owner)
    tariff_changes.execute(quote.id, factories.key(), actor=w.owner)
    return given(subscriptions.planned_change(w.contract).id)


def _ready_to_end(w):
    return given(terminations.quote(in_days(3), actor=w.owner).id, factories.key(), Wish(reason='moving'))


def _ending(w):
    terminations.request(*_ready_to_end(w).args, actor=w.owner)
    return given(Termination.get(Termination.contract == w.contract).id)


def _paying(w):
    return given(payments.start('20', factories.key(), actor=w.owner).tracking_id)


def _keeping(w):
    fields = {'gateway': 'bepaid', 'brand': 'visa', 'last4': '0000', 'expires_month': 1, 'expires_year': 2099}
    card = SavedCard.create(contract=w.contract, token=b'', created_at=now(), **fields)
    card.token = vault.seal('token-of-a-card', aad=vault.aad_of('saved_card', card.id, 'token'))
    card.save()
    return card


def _automatic(w):
    return given(AutopayWish(card=str(_keeping(w).id), limit='100', agreed='1'))


def _switched_on(w):
    autopays.save(*_automatic(w).args, actor=w.owner)
    return given()


def _booked(w):
    return given(factories.top_up(w.contract, Decimal('1.00')).id)


def _received(w):
    posting = Posting(key='cash:1', kind=OperationKind.PAYMENT, amount=Decimal('5.00'), title='Наличными')
    return given(str(ledger.post(w.contract, posting).id))


def _say(w):
    return chat.send('Здравствуйте, канарейка', factories.key(), actor=w.owner)


def _talking(w):
    _say(w)
    return given(contract_number=w.contract.number)


def _all_talks(w):
    _say(w)
    return given()


RECIPES = {
    'accounts.add_ons.board': plain,
    'accounts.add_ons.connect': _shown(add_ons.quote, 'A-IP'),
    'accounts.add_ons.disconnect': _connected,
    'accounts.add_ons.quote': lambda w: given('A-IP'),
    'accounts.history.export_piece': plain,
    'accounts.history.list_events': plain,
    'contracts.statements.make_statement': plain,
    'accounts.overview.get_overview': plain,
    'accounts.promised_payments.promise': _in_debt,
    'accounts.promised_payments.view': plain,
    'accounts.suspensions.board': plain,
    'accounts.suspensions.quote': lambda w: given(in_days(3), 20),
    'accounts.suspensions.quote_resume': _suspended,
    'accounts.suspensions.resume': _ready_to_resume,
    'accounts.suspensions.suspend': _ready_to_suspend,
    'accounts.tariff_board.read_board': plain,
    'accounts.tariff_changes.cancel_planned': _planned,
    'accounts.tariff_changes.execute': _shown(tariff_changes.quote, 'I-200'),
    'accounts.tariff_changes.quote': lambda w: given('I-200'),
    'accounts.terminations.board': plain,
    'accounts.terminations.quote': lambda w: given(in_days(3)),
    'accounts.terminations.redirect_rest': lambda w: given(
        *_ending(w).args, Wish(money='account', iban='BY13NBRB3600900000002Z00AB00')
    ),
    'accounts.terminations.request': _ready_to_end,
    'accounts.terminations.withdraw': _ending,
    'contracts.own_documents.list_own': plain,
    'contracts.profile.change_email': lambda w: given('new@example.by', factories.PASSWORD, factories.key()),
    'contracts.profile.change_phone': lambda w: given('+375291112233'),
    'contracts.profile.get_profile': plain,
    'identity.chosen_contract.choose_contract': lambda w: given(w.contract.number),
    'identity.chosen_contract.list_choices': plain,
    'identity.own_language.choose': lambda w: given('be'),
    'identity.own_password.change_password': lambda w: given(factories.PASSWORD, NEW_PASSWORD, NEW_PASSWORD),
    'identity.own_password.rules': plain,
    'identity.own_password.set_first_password': lambda w: given(NEW_PASSWORD, NEW_PASSWORD),
    'identity.own_sessions.end_others': plain,
    'identity.own_sessions.end_own': lambda w: given(Session.get(Session.token_hash == w.owner.session_hash).id),
    'identity.own_sessions.list_own': plain,
    'identity.sessions.switch_role': lambda w: given('', Of(lambda actor: actor.role)),
    'messages.chat.count_unread': plain,
    'messages.chat.get_conversation': _talking,
    'messages.chat.list_threads': _all_talks,
    'messages.chat.mark_read': lambda w: given(_say(w), contract_number=w.contract.number),
    'messages.chat.send': lambda w: given('Здравствуйте', factories.key(), contract_number=w.contract.number),
    'messages.disputes.get_line': _booked,
    'messages.chat.tell_typing': _talking,
    'payments.autopays.board': plain,
    'payments.autopays.save': _automatic,
    'payments.autopays.switch_off': _switched_on,
    'payments.card_charges.offer': lambda w: given(_keeping(w).id, '20'),
    'payments.card_charges.pay': lambda w: given(_keeping(w).id, '20', factories.key()),
    'payments.erip_desk.prepare': plain,
    'payments.erip_desk.show': plain,
    'payments.payees.find': lambda w: given('100002'),
    'payments.payees.list_paid': plain,
    'payments.payment_desk.desk': plain,
    'payments.payment_desk.own': _paying,
    'payments.payment_desk.show': _paying,
    'payments.payments.check': _paying,
    'payments.payments.start': lambda w: given('20', factories.key()),
    'payments.receipts.make_receipt': _received,
    'payments.saved_cards.list_cards': plain,
    'payments.saved_cards.remove': lambda w: given(_keeping(w).id),
}
