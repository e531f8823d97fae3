"""How rows stop telling of a person: what the daily job and an erasure have in common. Numbers, sums and dates stay."""

from collections import Counter
from datetime import datetime
from typing import Any

from models.access import AccessGrant
from models.application import Application, ApplicationEvent, Consent, Redemption, Waiting
from models.chat import ChatMessage, ChatThread
from models.contract import Contract, Credentials, Subscriber
from models.erip import EripClaim
from models.file import StoredFile
from models.guessing import RecoveryRequest
from models.outbox import OutgoingMessage, OutgoingState
from models.payment import Payment, Webhook
from models.privacy import OwnExport
from models.saved_card import Autopay, SavedCard
from models.second_factor import FactorReset, PasskeyChallenge
from models.termination import Termination
from models.user import RecoveryToken, Session, User
from models.visit import Visit, VisitReport
from services.contracts import identity_papers
from services.files.letting_go import let_go
from services.identity import factors
from services.payments import saved_cards

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
    found['pictures'] += let_go(StoredFile.visit.in_(visits))
    VisitReport.update(note='', signature_svg='', signed_name='').where(VisitReport.visit.in_(visits)).execute()
    Visit.update(reason='').where(Visit.application.in_(ids)).execute()
    for number in numbers:
        found['letters'] += empty_letters(OutgoingMessage.key.startswith(f'application:{number}:'))
    withdraw_news(Consent.application.in_(ids), moment)
    return found


def forget_subscriber(subscriber: Subscriber, moment: datetime) -> None:
    """Empty the party of a contract: name, contacts, papers and their hashes; nobody waits for a house any more."""
    identity_papers.erase(subscriber)
    for column, known in ((Waiting.phone, subscriber.phone), (Waiting.email, subscriber.email)):
        if known:
            Waiting.delete().where(column == known).execute()
    blank = {'last_name': NOBODY, 'first_name': '', 'patronymic': '', 'phone': '', 'email': '', 'erased_at': moment}
    Subscriber.update(blank).where(Subscriber.id == subscriber.id).execute()


def forget_contract(contract: Contract, moment: datetime) -> Counter[str]:
    """Empty what hangs on a contract: its address, the talk with its pictures, notes about access, whom it was opened
    to; books and signed papers stay.
    """
    Contract.update(address=contract.region.name).where(Contract.id == contract.id).execute()
    Credentials.update(evidence={}, note='').where(Credentials.contract == contract).execute()
    for card in SavedCard.select().where((SavedCard.contract == contract) & SavedCard.removed_at.is_null()):
        saved_cards.forget(card)
    Autopay.update(is_on=False).where(Autopay.contract == contract).execute()
    Termination.update(words='', iban=None).where(Termination.contract == contract).execute()
    threads = ChatThread.select(ChatThread.id).where(ChatThread.contract == contract)
    bells = Payment.select(Payment.tracking_id).where(Payment.contract == contract)
    claims = EripClaim.select(EripClaim.tracking_id).where(EripClaim.contract == contract)
    rung = Webhook.tracking_id.in_(bells) | Webhook.tracking_id.in_(claims)
    pictures = let_go(StoredFile.contract == contract)
    letters = _forget_grants(AccessGrant.contract == contract, moment)
    return Counter(
        pictures=pictures,
        letters=letters,
        messages=ChatMessage.delete().where(ChatMessage.thread.in_(threads)).execute(),
        webhooks=Webhook.update(body=b'').where(rung).execute(),
    )


def forget_login(user: User, moment: datetime) -> Counter[str]:
    """End a login for good: no name, no password, no way back; the row stays, because the books point to it."""
    factors.remove_all(user.id)
    FactorReset.update(reason='').where(FactorReset.user == user).execute()
    hashes = Session.select(Session.token_hash).where(Session.user == user)
    PasskeyChallenge.delete().where(PasskeyChallenge.session_hash.in_(hashes)).execute()
    if user.email:
        RecoveryRequest.delete().where(RecoveryRequest.email == user.email).execute()
    letters = _forget_grants(AccessGrant.user == user, moment)
    blank = {'name': NOBODY, 'first_name': '', 'email': None, 'phone': None, 'password_hash': None, 'is_blocked': True}
    User.update({**blank, 'email_confirmed_at': None}).where(User.id == user.id).execute()
    return Counter(
        letters=letters,
        sessions=Session.update(address='', agent='').where(Session.user == user).execute(),
        links=RecoveryToken.delete().where(RecoveryToken.user == user).execute(),
        copies=OwnExport.delete().where(OwnExport.user == user).execute(),
    )


def _forget_grants(which: Any, moment: datetime) -> int:
    """End accesses and empty what they tell of people, with their letters; that there was one, and when, stays."""
    letters = 0
    for grant in AccessGrant.select().where(which):
        is_of_it = OutgoingMessage.key.startswith(f'access:{grant.id}:')
        letters += empty_letters(is_of_it | OutgoingMessage.key.startswith(f'access:{grant.token_hash}'))
        blank = {'name': NOBODY, 'email': '', 'token_hash': f'erased:{grant.id}'}
        ended = {} if grant.ended_at else {'ended_at': moment}
        AccessGrant.update({**blank, **ended}).where(AccessGrant.id == grant.id).execute()
    return letters


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
