"""How rows stop telling of a person: what the daily job and an erasure have in common. Numbers, sums and dates stay."""

from collections import Counter
from datetime import datetime
from typing import Any

from models.application import Application, ApplicationEvent, Consent, Redemption
from models.chat import ChatMessage, ChatThread
from models.contract import Contract, Credentials, Subscriber
from models.outbox import OutgoingMessage, OutgoingState
from models.payment import Payment, Webhook
from models.privacy import OwnExport
from models.user import RecoveryToken, Session, User
from models.visit import Visit, VisitReport
from services.contracts import identity_papers

NOBODY = 'Данные удалены'
"""Stands where the name was, so that a list has something to show."""
FAREWELL = 'erasure:'
"""Keys of the letters that tell a person his data are erased: emptied as soon as they are sent."""
EMPTY_LETTER = {'recipient': '', 'subject': '', 'text': '', 'html': ''}


def forget_applications(ids: list[int], moment: datetime) -> Counter[str]:
    """Empty applications of everything that tells of a person; town, package, price and steps stay."""
    numbers = [row.number for row in Application.select(Application.number).where(Application.id.in_(ids))]
    found: Counter[str] = Counter()
    for row_id in ids:
        # Both columns are unique, or count uses by address: each row gets a value of its own.
        fresh = {**_BLANK, 'tracker_hash': f'erased:{row_id}', 'erased_at': moment}
        found['applications'] += Application.update(fresh).where(Application.id == row_id).execute()
        Redemption.update(address_key=f'erased:{row_id}').where(Redemption.application == row_id).execute()
    ApplicationEvent.update(note='').where(ApplicationEvent.application.in_(ids)).execute()
    visits = Visit.select(Visit.id).where(Visit.application.in_(ids))
    VisitReport.update(note='', signature_svg='', signed_name='').where(VisitReport.visit.in_(visits)).execute()
    Visit.update(reason='').where(Visit.application.in_(ids)).execute()
    for number in numbers:
        found['letters'] += empty_letters(OutgoingMessage.key.startswith(f'application:{number}:'))
    withdraw_news(Consent.application.in_(ids), moment)
    return found


def forget_subscriber(subscriber: Subscriber, moment: datetime) -> None:
    """Empty the party of a contract: name, contacts, papers and their hashes."""
    identity_papers.erase(subscriber)
    blank = {'last_name': NOBODY, 'first_name': '', 'patronymic': '', 'phone': '', 'email': '', 'erased_at': moment}
    Subscriber.update(blank).where(Subscriber.id == subscriber.id).execute()


def forget_contract(contract: Contract) -> Counter[str]:
    """Empty what hangs on a contract: its address, the talk, notes about access; books and signed papers stay."""
    Contract.update(address=contract.region.name).where(Contract.id == contract.id).execute()
    Credentials.update(evidence={}, note='').where(Credentials.contract == contract).execute()
    threads = ChatThread.select(ChatThread.id).where(ChatThread.contract == contract)
    bells = Payment.select(Payment.tracking_id).where(Payment.contract == contract)
    return Counter(
        messages=ChatMessage.delete().where(ChatMessage.thread.in_(threads)).execute(),
        webhooks=Webhook.update(body=b'').where(Webhook.tracking_id.in_(bells)).execute(),
    )


def forget_login(user: User) -> Counter[str]:
    """End a login for good: no name, no password, no way back; the row stays, because the books point to it."""
    blank = {'name': NOBODY, 'first_name': '', 'email': None, 'phone': None, 'password_hash': None, 'is_blocked': True}
    User.update({**blank, 'email_confirmed_at': None}).where(User.id == user.id).execute()
    return Counter(
        sessions=Session.update(address='', agent='').where(Session.user == user).execute(),
        links=RecoveryToken.delete().where(RecoveryToken.user == user).execute(),
        copies=OwnExport.delete().where(OwnExport.user == user).execute(),
    )


def empty_letters(which: Any) -> int:
    """Empty letters; one that has not left yet does not leave any more."""
    gone = which & (OutgoingMessage.recipient != '') & ~OutgoingMessage.key.startswith(FAREWELL)
    waiting = OutgoingMessage.state == OutgoingState.WAITING
    OutgoingMessage.update(state=OutgoingState.DEAD, error='erased').where(gone & waiting).execute()
    return int(OutgoingMessage.update(EMPTY_LETTER).where(gone).execute())


def withdraw_news(whose: Any, moment: datetime) -> None:
    """End consents to news: nobody is left to write to. The consent itself stays as proof until its term."""
    open_news = whose & (Consent.purpose == 'marketing') & Consent.withdrawn_at.is_null()
    Consent.update(withdrawn_at=moment).where(open_news).execute()


_BLANK: dict[str, Any] = {
    'last_name': NOBODY,
    **dict.fromkeys(
        (
            'first_name',
            'patronymic',
            'phone',
            'email',
            'street',
            'house',
            'entrance',
            'floor',
            'flat',
            'preferred_time',
            'comment',
            'reason',
        ),
        '',
    ),
    'address_note': None,
}
