"""Arguments for pictures, the audit log, access of relatives, employees, and what a person may do about his data."""

import io
import re
from datetime import timedelta

from models.access import AccessGrant
from models.account import ChargingStop
from models.file import StoredFile
from models.outbox import OutgoingMessage
from models.privacy import PrivacyRequest, RequestKind
from models.user import Session
from services import rule_changes
from services.audit.journal import Wanted
from services.clock import now, today
from services.contracts import access_grants
from services.files import uploads
from services.identity.employees import NewEmployee
from services.messages import chat
from services.offers import price_changes, shelf
from services.privacy import exports, requests
from services.visits import visits
from tests import factories, field, person, pictures
from tests.authz.given import Of, given, in_days, plain
from tests.authz.world import ADMINISTRATOR, STRANGER
from tests.cast import contract_of

REASON = 'Попросил в офисе, паспорт проверен'
INVITED = ('Вера', 'vera@example.by', 'see', 'year')


# --- pictures ---------------------------------------------------------------------------------------------------


def _is_technician(actor):
    return actor.role == 'technician'


def _place(w):
    """Say where a picture goes: technicians to their visit, others to the owner's talk."""
    visit = field.make_case(w.technician)
    visits.depart(visit.id, factories.key(), actor=w.technician)
    purpose = Of(lambda actor: 'visit' if _is_technician(actor) else 'chat')
    return purpose, Of(lambda actor: str(visit.id) if _is_technician(actor) else w.contract.number)


def _to_keep(w):
    content = pictures.picture()
    return given(*_place(w), 'Роутер.jpg', Of(lambda _actor: io.BytesIO(content)))


def _kept(w):
    """Keep a picture of the talk and one of the visit."""
    _, target = _place(w)
    sent = uploads.keep('chat', '', 'Роутер.jpg', io.BytesIO(pictures.picture()), actor=w.owner).id
    chat.send('', factories.key(), files=[sent], actor=w.owner)
    visit = target.pick(w.technician)
    of_visit = uploads.keep('visit', visit, 'Щит.jpg', io.BytesIO(pictures.picture()), actor=w.technician).id
    assert StoredFile.select().count() == 2
    return given(Of(lambda actor: of_visit if _is_technician(actor) else sent))


def _photo(w):
    visit = field.make_case(w.technician)
    visits.depart(visit.id, factories.key(), actor=w.technician)
    content = io.BytesIO(pictures.picture())
    return given(visit.id, uploads.keep('visit', str(visit.id), 'Щит.jpg', content, actor=w.technician).id)


# --- access of relatives ----------------------------------------------------------------------------------------


def _invited(owner):
    access_grants.give(*INVITED, factories.key(), actor=owner)
    return AccessGrant.select().order_by(AccessGrant.id.desc()).get().id


def _received(w):
    contract = contract_of(w.people[STRANGER])
    factories.open_access(contract, w.owner)
    return given(contract.number)


def _board(w):
    _invited(w.owner)
    return given()


def _link(owner):
    _invited(owner)
    letter = OutgoingMessage.select().where(OutgoingMessage.key.startswith('access:')).order_by(-OutgoingMessage.id)
    return re.search(r'/my/access/accept#(\S+)', letter.get().text)[1]


def _as_new(w):
    password = 'кони едят овёс по утрам'
    return given(_link(w.owner), 'Вера Новая', password, password, actor=None, address='192.0.2.9')


# --- one's own data ---------------------------------------------------------------------------------------------


def _copied(w):
    for actor in (w.owner, w.people[STRANGER]):
        exports.order(actor=actor)
    exports.build_waiting()
    return given('json')


def _left(w):
    person.leave(w.owner)
    return given(factories.key())


def _asked_to_erase(w):
    requests.ask_erasure(*_left(w).args, actor=w.owner)
    return PrivacyRequest.get().id


def _waiting(w):
    _asked_to_erase(w)
    return given()


def _asked_on_paper(w):
    requests.record_paper(w.contract.number, RequestKind.INFORMATION, factories.key(), actor=w.operator)
    return given(PrivacyRequest.get().id, 'Отправили письмом')


def _session_of_technician(w):
    return given(w.technician.user_id, Session.get(Session.token_hash == w.technician.session_hash).id)


def _stopped(_w):
    ChargingStop.create(stopped_at=now(), faults=['I3: account 1 says 0'])
    return given(REASON)


def _planned_rule(w):
    return given(
        rule_changes.change('promise_days', '7', in_days(2).isoformat(), REASON, actor=w.people[ADMINISTRATOR])
    )


def _due_month(_w):
    this = today().replace(day=1)
    factories.make_contract(active_on=this - timedelta(days=20))
    return given(f'{this:%Y-%m}')


def _archived_tariff(w):
    shelf.archive('I-100', actor=w.people[ADMINISTRATOR])
    return given('I-100')


def _announced_price(w):
    ada = w.people[ADMINISTRATOR]
    day = price_changes.earliest_day().isoformat()
    return given(price_changes.announce('I-100', '31,90', '25', day, REASON, actor=ada))


RECIPES = {
    'accounts.billing_desk.preview': plain,
    'accounts.billing_desk.show': plain,
    'accounts.billing_desk.start': _due_month,
    'accounts.books.resume': _stopped,
    'accounts.books_desk.check': plain,
    'accounts.books_desk.may_resume': plain,
    'accounts.books_desk.show': plain,
    'audit.journal.check_now': plain,
    'audit.journal.read': lambda w: given(Wanted()),
    'audit.who_looked.list_accesses': plain,
    'contracts.access_board.board': _board,
    'contracts.access_grants.change': lambda w: given(_invited(w.owner), 'manage', 'forever'),
    'contracts.access_grants.end': lambda w: given(_invited(w.owner)),
    'contracts.access_grants.give': lambda w: given(*INVITED, factories.key()),
    'contracts.access_grants.invite_again': lambda w: given(_invited(w.owner)),
    'contracts.access_refusals.give_up': _received,
    'contracts.access_invitations.accept': lambda w: given(_link(w.people[STRANGER])),
    'contracts.access_invitations.accept_as_new': _as_new,
    'contracts.access_invitations.look': lambda w: given(_link(w.owner), actor=None),
    'contracts.subscriber_sessions.end_all': lambda w: given(w.contract.number, REASON),
    'files.downloads.open_file': _kept,
    'files.uploads.begin': lambda w: given(*_place(w)),
    'files.uploads.keep': _to_keep,
    'files.visit_photos.remove': _photo,
    'identity.employee_passwords.may_reissue': lambda w: given(w.technician.user_id),
    'identity.employee_passwords.reissue': lambda w: given(w.technician.user_id, REASON, factories.key()),
    'identity.employees.create': lambda w: given(NewEmployee('oleg', 'Олег Новый', 'oleg@example.by', ('operator',))),
    'identity.staff.block': lambda w: given(w.technician.user_id, REASON),
    'identity.staff.end_session': _session_of_technician,
    'identity.staff.end_sessions': lambda w: given(w.technician.user_id),
    'identity.staff.get_card': lambda w: given(w.technician.user_id),
    'identity.staff.list_staff': plain,
    'identity.staff.set_roles': lambda w: given(w.technician.user_id, ['operator']),
    'identity.staff.unblock': lambda w: given(w.technician.user_id),
    'offers.price_changes.announce': lambda w: given(
        'I-100', '31,90', '25', price_changes.earliest_day().isoformat(), REASON
    ),
    'offers.price_changes.withdraw': _announced_price,
    'offers.shelf.archive': lambda w: given('I-100'),
    'offers.shelf.get_page': lambda w: given('I-100'),
    'offers.shelf.list_shelf': plain,
    'offers.shelf.put_on_sale': _archived_tariff,
    'offers.shelf.set_targets': lambda w: given('I-100', ['I-200']),
    'rule_changes.change': lambda w: given('promise_days', '7', in_days(2).isoformat(), REASON),
    'rule_changes.get_rule': lambda w: given('promise_days'),
    'rule_changes.list_rules': plain,
    'rule_changes.withdraw': _planned_rule,
    'privacy.consents.give_news': plain,
    'privacy.consents.list_own': plain,
    'privacy.consents.withdraw_news': plain,
    'privacy.exports.current': plain,
    'privacy.exports.open_file': _copied,
    'privacy.exports.order': plain,
    'privacy.requests.answer': _asked_on_paper,
    'privacy.requests.ask_erasure': _left,
    'privacy.requests.confirm': lambda w: given(_asked_to_erase(w)),
    'privacy.requests.list_requests': _waiting,
    'privacy.requests.own_erasure': plain,
    'privacy.requests.record_paper': lambda w: given(w.contract.number, 'information', factories.key()),
    'privacy.requests.refuse': lambda w: given(_asked_to_erase(w), 'Договор ещё действует'),
    'privacy.requests.withdraw': _waiting,
}
