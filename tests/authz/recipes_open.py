"""Arguments for the services without an actor: public ones, secrets that open something, and what only the house runs.

A recipe may give a second call, with a wrong secret: it says which refusal is right.
"""

import re
from dataclasses import replace

from models.outbox import OutgoingMessage
from models.user import Session
from services.applications import applying, tracker
from services.applications.application_form import ApplicationForm
from services.clock import today
from services.contracts.access_invitations import InvitationGone
from services.errors import NotFound
from services.identity import captcha, form_tokens, recovery, sessions
from services.identity.chosen_contract import PageTie
from services.identity.recovery import RecoveryLinkGone
from services.identity.sign_in import WrongCredentials
from services.offers.building_table import READ
from services.payments.payment_hooks import Heard
from services.work_calendar import is_working_day
from tests import factories
from tests.authz.given import given, in_days
from tests.authz.recipes_cabinet import NEW_PASSWORD

HERE = '192.0.2.9'
LINK = 'a-link-nobody-can-guess'
AT = {'address': HERE}
FROM = {'address': HERE, 'agent': 'tests'}


def _form():
    drawn = ApplicationForm(
        region='minsk',
        query={'internet': ['I-50']},
        token=form_tokens.draw(applying.PURPOSE),
        last_name='Новая',
        first_name='Нина',
        phone='+375291112233',
        email='',
        locality='Минск',
        street='ул. Учебная',
        house='3',
        flat='12',
    )
    return replace(drawn, price_seen=applying.price_mark(applying.offer_of(drawn, address=HERE).quote))


def _linked(w):
    """Make an application whose link is known."""
    return factories.make_application(tracker_hash=applying.tracker_hash(LINK))


def _link(w):
    _linked(w)
    return given(LINK)


def _pass(w):
    _linked(w)
    return given(LINK, tracker.unlock(LINK, factories.PHONE[-4:], address=HERE))


def _visit(w, *asked, status='confirmed'):
    """Open the page of an agreed application; `asked` are the arguments after link and pass."""
    made = factories.make_application(tracker_hash=applying.tracker_hash(LINK), status=status)
    if status == 'scheduled':
        factories.make_visit(made, w.people['other technician'], day=_working_day())
    return given(LINK, tracker.unlock(LINK, factories.PHONE[-4:], address=HERE), *asked)


def _working_day():
    return next(day for day in map(in_days, range(2, 14)) if is_working_day(day))


def _digits(w):
    _linked(w)
    return given(LINK, factories.PHONE[-4:], **AT)


def _solved():
    return captcha.issue('recovery').token, '12345'


def _letter(w):
    recovery.request(w.contract.number, 'kaleria@canary.example.by', *_solved(), address=HERE)
    recovery.write_due()
    last = OutgoingMessage.select().where(OutgoingMessage.key.startswith('recovery:')).order_by(-OutgoingMessage.id)
    return given(re.search(r'/my/recovery/confirm#(\S+)', last.get().text)[1], NEW_PASSWORD, NEW_PASSWORD)


def _token(w):
    user = Session.get(Session.token_hash == w.owner.session_hash).user
    return given(sessions.open_session(user, w.owner.role, address=HERE, agent='tests'))


def _tie(w):
    return given([PageTie(w.owner.session_hash, w.owner.contract_id, w.owner.access)])


def _houses():
    return ';'.join(READ) + '\nМинск;Минск;ул. Новая;5;квартиры;gpon;подключаем;8;да'


NEW_HERE = {'actor': None, 'address': HERE}
RECIPES = {
    'accounts.billing_run.run_month': lambda w: given(today().replace(day=1)),
    'accounts.usage_table.take_text': lambda w: given(f'{w.contract.number};{today():%Y-%m};5'),
    'offers.building_table.load_text': lambda w: given(_houses()),
    'offers.building_table.look_at': lambda w: given(_houses()),
    'applications.applying.offer_of': lambda w: given(_form(), **AT),
    'applications.applying.submit': lambda w: given(_form(), **FROM),
    'applications.suspicion.is_asked': lambda w: given(HERE),
    'applications.tracker.number_of': _link,
    'applications.tracker.unlock': _digits,
    'applications.tracker.view': _pass,
    'demo.mailbox.kept': lambda w: given(),
    'contracts.paper_index.renew': lambda w: given(),
    'identity.captcha.picture': lambda w: given(captcha.issue('recovery').token),
    'identity.captcha.sound': lambda w: given(captcha.issue('recovery').token),
    'identity.chosen_contract.moved_among': _tie,
    'identity.guessing.challenge_after': lambda w: given(WrongCredentials(), '100001', address=HERE, has_device=False),
    'identity.recovery.request': lambda w: given(w.contract.number, 'kaleria@canary.example.by', *_solved(), **AT),
    'identity.recovery.set_new_password': _letter,
    'identity.sessions.end_session': _token,
    'identity.sessions.ended_among': lambda w: given(frozenset({w.owner.session_hash})),
    'identity.sessions.resolve': _token,
    'identity.sessions.resolve_hash': lambda w: given(w.owner.session_hash),
    'identity.sign_in.sign_in': lambda w: given(w.contract.number, factories.PASSWORD, **FROM),
    'migration.is_current': lambda w: given(),
    'visits.client_visits.cancel': lambda w: _visit(w, 'key', status='scheduled'),
    'visits.client_visits.choose': lambda w: _visit(w, _working_day(), 19, 'key'),
    'visits.client_visits.look': _visit,
    'offers.comparison.make_offers': lambda w: given('minsk', {'compare': ['I-200']}, **AT),
    'offers.offices.list_offices': lambda w: given('minsk'),
    'offers.regions.get_region': lambda w: given('minsk'),
    'offers.regions.list_regions': lambda w: given(),
    'offers.price_list.read_price_list': lambda w: given('minsk'),
    'offers.showcase.read_showcase': lambda w: given('minsk'),
    'payments.payment_hooks.follow': lambda w: given(Heard(None, None)),
    'payments.payment_hooks.hear': lambda w: given('bepaid', b'{}', {}),
    'privacy.retention.run': lambda w: given(),
    'privacy.sealed_cells.rotate': lambda w: given(),
    'rehearsal.desk.order': lambda w: given(today().isoformat(), 'month', w.contract.number, **AT),
    'rehearsal.desk.show': lambda w: given(),
}

NOTHING = object()
WRONG_SECRETS = {
    'applications.tracker.number_of': (given('wrong'), NotFound),
    'applications.tracker.unlock': (given('wrong', '0000', **AT), NotFound),
    'applications.tracker.view': (given('wrong', 'wrong'), NotFound),
    'contracts.access_invitations.accept_as_new': (
        given('wrong', 'Вера', *2 * [NEW_PASSWORD], **NEW_HERE),
        InvitationGone,
    ),
    'contracts.access_invitations.look': (given('wrong', actor=None), InvitationGone),
    'visits.client_visits.cancel': (given('wrong', 'wrong', 'key'), NotFound),
    'visits.client_visits.choose': (given('wrong', 'wrong', None, None, 'key'), NotFound),
    'visits.client_visits.look': (given('wrong', 'wrong'), NotFound),
    'identity.recovery.set_new_password': (given('wrong', NEW_PASSWORD, NEW_PASSWORD), RecoveryLinkGone),
    'identity.sessions.end_session': (given('wrong'), NOTHING),
    'identity.sessions.resolve': (given('wrong'), NOTHING),
    'identity.sessions.resolve_hash': (given('wrong'), NOTHING),
    'identity.sign_in.sign_in': (given('100002', 'wrong', **FROM), WrongCredentials),
}
"""What a wrong secret gets: this refusal, or an answer that is nothing; either way nothing of the owner's changes."""
