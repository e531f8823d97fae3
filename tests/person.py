"""A person of canaries: each of his facts is a word found nowhere else, so that a search of files is a proof."""

import secrets
from datetime import date
from decimal import Decimal

from models.application import Application, ApplicationEvent, ApplicationStatus, Waiting
from models.chat import ChatMessage, ChatThread
from models.contract import Contract, ContractStatus, EquipmentUnit
from models.file import FilePurpose, StoredFile
from models.outbox import Channel, OutgoingMessage, OutgoingState
from models.payment import Payment, PaymentState, Webhook
from models.second_factor import FactorReset
from models.user import Role
from models.visit import VisitReport
from services.accounts import ledger
from services.accounts.ledger import OperationKind, Posting
from services.clock import now, today
from services.contracts import access_grants, documents, identity_papers
from services.contracts.identity_papers import Papers
from services.files import store
from services.identity import passkeys, recovery_codes, totp, vault
from services.messages.legal_texts import LegalKind
from services.privacy import consents
from services.runner import with_connection
from tests import factories
from tests.authenticator import SoftKey
from tests.factors import give_app

NAME, FIRST, PATRONYMIC = 'Канарейкина', 'Снегиряна', 'Щегловна'
EMAIL, PHONE = 'kanareyka@example.by', '+375297770001'
STREET, NOTE, COMMENT = 'ул. Чижиковая', 'домофон 73К5519', 'позвоните соловьём'
PASSPORT, NUMBER, ISSUER = 'MP7391846', '4150285A019PB4', 'Синичкинским РУВД'
TALK, REMARK, AGENT, ADDRESS = 'письмо от трясогузки', 'клиентка с попугаем', 'Zyablik/7.1', '203.0.113.77'
RELATIVE, RELATIVE_EMAIL = 'Чечётка', 'chechetka@example.by'
PICTURE, PHOTO, DEVICE, RESET = 'гнездо иволги.jpg', 'кабель у дрозда.jpg', 'Планшет жаворонка', 'видел лицо и скворца'
PAPERS = Papers(PASSPORT, ISSUER, date(2019, 2, 14), NUMBER, date(1985, 2, 15))

PERSONAL = (
    NAME,
    FIRST,
    PATRONYMIC,
    EMAIL,
    PHONE,
    STREET,
    COMMENT,
    TALK,
    REMARK,
    AGENT,
    RELATIVE,
    RELATIVE_EMAIL,
    PICTURE,
    PHOTO,
)
ACCOUNT = 'BY13NBRB3600900000002Z00AB00'
SEALED = (NOTE, PASSPORT, NUMBER, ISSUER, '1985-02-15')


@with_connection
def live(number='200777'):
    """Return the Actor of somebody with a whole life here: application, contract, papers, talk, letters, payments."""
    application = _application()
    user = factories.make_user(name=f'{NAME} {FIRST} {PATRONYMIC}', first_name=FIRST, email=EMAIL, phone=PHONE)
    subscriber = factories.make_subscriber(user, last_name=NAME, first_name=FIRST, patronymic=PATRONYMIC, phone=PHONE)
    identity_papers.keep(subscriber, PAPERS)
    contract = factories.make_contract(
        number, subscriber=subscriber, application=application, address=f'Минск, {STREET}, 5', balance=Decimal('30.00')
    )
    Application.update(contract_id=contract.id).where(Application.id == application.id).execute()
    documents.store(contract, 'contract', f'Договор {number}', b'%PDF ' + NAME.encode(), is_signed=True)
    _around(contract, user)
    actor = factories.actor(user, Role.SUBSCRIBER, contract)
    access_grants.give(RELATIVE, RELATIVE_EMAIL, 'see', 'year', factories.key(), actor=actor)
    return actor


@with_connection
def secure(actor):
    """Give him every second factor, with a question that waits for its answer and a reset somebody asked for."""
    give_app(actor, is_shown=True)
    totp.begin(actor=actor)
    passkeys.register(DEVICE, SoftKey().create(passkeys.ask_to_register(actor=actor)), actor=actor)
    passkeys.ask_to_register(actor=actor)
    recovery_codes.make(actor.user_id)
    FactorReset.create(
        user=actor.user_id, reason=RESET, asked_by=actor.user_id, asked_as=Role.OPERATOR, asked_at=now(),
        expires_at=now(),
    )  # fmt: skip


def _application():
    application = factories.make_application(
        status=ApplicationStatus.ACTIVATED, last_name=NAME, first_name=FIRST, patronymic=PATRONYMIC,
        phone=PHONE, email=EMAIL, street=STREET, comment=COMMENT,
    )  # fmt: skip
    place = vault.aad_of('application', application.id, 'address_note')
    Application.update(address_note=vault.seal(NOTE, aad=place)).where(Application.id == application.id).execute()
    ApplicationEvent.create(application=application, kind='note', note=REMARK, at=now())
    for kind in (LegalKind.CONSENT_APPLICATION, LegalKind.CONSENT_MARKETING):
        consents.remember(kind, language='ru', address=ADDRESS, agent=AGENT, application=application)
    technician = factories.make_user(Role.TECHNICIAN, login=f'sinitsa-{application.id}')
    visit = factories.make_visit(application, technician, reason=REMARK)
    VisitReport.create(visit=visit, note=REMARK, signature_svg='<svg/>', signed_name=NAME, updated_at=now())
    _picture(PHOTO, FilePurpose.VISIT, technician, visit=visit)
    return application


def _around(contract, user):
    Waiting.create(
        region=contract.region, phone=PHONE, address=f'Минск, {STREET}, 5', consent_version='1',
        form_key=factories.key(), created_at=now(),
    )  # fmt: skip
    thread = ChatThread.create(contract=contract, last_message_at=now())
    message = ChatMessage.create(
        thread=thread, author=user, by_operator=False, text=TALK, client_message_id='1', sent_at=now()
    )
    _picture(PICTURE, FilePurpose.CHAT, user, contract=contract, message=message)
    OutgoingMessage.create(
        channel=Channel.EMAIL, key=f'hello:{contract.number}', recipient=EMAIL, subject=FIRST, text=NAME, html=NAME,
        state=OutgoingState.SENT, next_at=now(), created_at=now(), sent_at=now(), message_id='<hello@amigo>',
    )  # fmt: skip
    Payment.create(
        contract=contract, amount=Decimal('30.00'), state=PaymentState.FAILED, gateway='bepaid', card_last4='7391',
        tracking_id=f'track-{contract.number}', form_key=factories.key(), created_at=now(), updated_at=now(),
    )  # fmt: skip
    Webhook.create(
        gateway='bepaid', fingerprint=f'print-{contract.number}', body=EMAIL.encode(), is_verified=True,
        tracking_id=f'track-{contract.number}', received_at=now(),
    )  # fmt: skip


def _picture(name, purpose, owner, **place):
    StoredFile.create(
        public_id=secrets.token_urlsafe(24), disk_name=store.write(b'picture', b'preview'), purpose=purpose, owner=owner,
        kind='jpeg', name=name, size=7, width=1, height=1, sha256='0' * 64, created_at=now(), **place,
    )  # fmt: skip


@with_connection
def leave(actor):
    """End the contract, return the money and the devices: nothing stands in the way any more."""
    contract = Contract.get_by_id(actor.contract_id)
    balance = ledger.balance(contract)
    if balance:
        ledger.post(contract, Posting(f'back:{contract.number}', OperationKind.ADJUSTMENT, -balance, 'Возврат остатка'))
    Contract.update(status=ContractStatus.TERMINATED, terminated_on=today()).where(Contract.id == contract.id).execute()
    EquipmentUnit.update(returned_at=now()).where(EquipmentUnit.contract == contract).execute()
