"""The world of the authority tests: one contract with its papers and its visit, and everybody who may want to see it.

The owner's facts are marks: no answer to somebody who may not know them holds one (`MARKS`).
"""

import functools
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal

from models.application import Application
from models.contract import Contract, Document
from models.user import Role, User
from models.visit import Visit
from services import events
from services.authority import Actor
from services.contracts.identity_papers import PapersForm
from services.gateways.payment_gateway import Checkout, GatewayUnknown, NoticeKind, WebhookNotice
from services.identity import vault
from services.payments.payment_gateways import CardGateway
from tests import factories, field
from tests.bank import Silent

PAPERS = PapersForm('MP7654321', 'Канареечным РУВД г. Минска', '17.03.2015', '4130771C083PB1', '13.07.1971')
SECRETS = ('MP7654321', 'МР7654321', '4130771C083PB1', '13.07.1971', '1971-07-13', '13 июля 1971')
"""What stands in no answer to anybody: staff see a mask, the papers themselves are a file of its own."""
PERSON = {
    'last_name': 'Канарейкина',
    'first_name': 'Калерия',
    'phone': '+375297654321',
    'email': 'kaleria@canary.example.by',
    'house': '4',
    'flat': 'К-4040',
    'comment': 'Осторожно, канарейка',
}
NOTE = 'код 4К0404'
MARKS = ('Канарейкина', 'Калерия', '7654321', 'kaleria@', 'К-4040', 'канарейка', '4К0404', *SECRETS)
"""What only the owner, operators and the technician of the visit may know."""

NOBODY, OWNER, STRANGER = 'nobody', 'owner', 'stranger'
OPERATOR, ADMINISTRATOR = 'operator', 'administrator'
TECHNICIAN, OTHER_TECHNICIAN = 'technician of the visit', 'other technician'
PEOPLE = (NOBODY, OWNER, STRANGER, OPERATOR, TECHNICIAN, OTHER_TECHNICIAN, ADMINISTRATOR)


@dataclass(frozen=True)
class World:
    """Who there is, and what is the owner's. `visit` has been signed, its technician is still there."""

    people: dict[str, Actor | None]
    contract: Contract
    application: Application
    visit: Visit
    document: int

    @property
    def hashes(self) -> list[str]:
        """What no answer holds: the hashes of everybody's session and of the owner's password."""
        sessions = [actor.session_hash for actor in self.people.values() if actor]
        return [*sessions, factories.password_hash(factories.PASSWORD)]

    @property
    def owner(self) -> Actor:
        """The subscriber whose things are asked for."""
        return self.people[OWNER]

    @property
    def operator(self) -> Actor:
        """Somebody at the console."""
        return self.people[OPERATOR]

    @property
    def technician(self) -> Actor:
        """The technician of the visit."""
        return self.people[TECHNICIAN]


def build() -> World:
    """Make the world inside the open transaction."""
    technician = _employee('taras', 'Тарас', Role.TECHNICIAN)
    visit, number = _signed_with_marks(technician)
    contract = Contract.get(Contract.number == number)
    owner = _can_sign_in(contract)
    factories.top_up(contract, Decimal('200.00'))
    people = {
        NOBODY: None,
        OWNER: factories.actor(owner, Role.SUBSCRIBER, contract),
        STRANGER: _stranger(),
        OPERATOR: _employee('olga', 'Ольга', Role.OPERATOR),
        TECHNICIAN: technician,
        OTHER_TECHNICIAN: _employee('ivan', 'Иван', Role.TECHNICIAN),
        ADMINISTRATOR: _employee('ada', 'Ада', Role.ADMINISTRATOR),
    }
    document = Document.get((Document.contract == contract) & (Document.kind == 'act')).id
    return World(people, contract, contract.application, Visit.get_by_id(visit.id), document)


def _signed_with_marks(technician):
    visit, number = field.signed(technician, suffix='4040', papers=PAPERS, **PERSON)
    application = visit.application
    sealed = vault.seal(NOTE, aad=vault.aad_of('application', application.id, 'address_note'))
    Application.update(address_note=sealed).where(Application.id == application.id).execute()
    return visit, number


def _can_sign_in(contract):
    """Give the owner the password of everybody, as if the first sign-in were behind him, and return him."""
    password_hash = factories.password_hash(factories.PASSWORD)
    person = contract.subscriber.user_id
    User.update(password_hash=password_hash, must_change_password=False).where(User.id == person).execute()
    return User.get_by_id(person)


def _stranger():
    user = factories.make_user(name='Борис Образцов', first_name='Борис', email='boris@example.by')
    contract = factories.make_contract('100002', user=user, tariff='I-50', balance=Decimal('50.00'))
    return factories.actor(user, Role.SUBSCRIBER, contract)


def _employee(login, name, role):
    user = factories.make_user(role, login=login, name=name, first_name=name, email=f'{login}@example.by')
    return factories.actor(user, role)


def half_open(actor, step):
    """Return the same person in a session that owes its second step."""
    return replace(actor, second_step=step)


def must_change(actor):
    """Return the same person in a session that must change its password first."""
    return replace(actor, must_change_password=True)


class Bank(Silent):
    """A gateway that opens a page, believes every bell and says nothing more."""

    def create_checkout(self, _intent):
        return Checkout('token-of-a-checkout', 'http://shop.test/pay')

    def create_saving_checkout(self, intent):
        return self.create_checkout(intent)

    def charge_saved(self, _charge, _intent, *, request_id):
        raise GatewayUnknown(f'POST: ReadTimeout of {request_id}')

    def verify_webhook(self, raw, _headers):
        return WebhookNotice(NoticeKind.TRANSACTION, raw.decode(), 'pay_nobody_knows', test=True)


def gateway():
    """Return what `payment_gateways.card_gateway` answers in these tests."""
    return CardGateway(Bank(), True, 'http://shop.test', 'http://shop.test/hooks/bepaid')


def recorded():
    """Return how many facts were recorded so far: a refused call tells nobody anything."""
    return len(events._pending.get() or ())


@functools.singledispatch
def text_of(answer):
    """Return an answer with everything in it as text."""
    if is_dataclass(answer):
        return ' '.join(text_of(getattr(answer, f.name)) for f in fields(answer))
    return str(answer)


@text_of.register
def _(answer: bytes):
    return answer.decode(errors='replace')


@text_of.register(list)
@text_of.register(tuple)
@text_of.register(set)
@text_of.register(frozenset)
def _(answer):
    return ' '.join(text_of(each) for each in answer)


@text_of.register
def _(answer: dict):
    return ' '.join(text_of(each) for each in (*answer, *answer.values()))
