"""Letters: one function per letter, each fills an outbox row and sends nothing."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.application import Application
from models.outbox import Channel, OutgoingMessage
from models.user import User
from services.clock import now
from services.events import MailQueued, record
from services.messages.letters.recipients import language_of, languages_of
from services.messages.letters.render import render_letter, render_sms
from services.settings import get_settings

ROWS_AT_ONCE = 200
"""Rows of one INSERT: both databases take this many values in one statement."""


def queue(letter: str, recipient: str, *, key: str, **facts: object) -> None:
    """Write one e-mail into the outbox, in the transaction of its reason; a key already there queues nothing.

    Args:
        letter: name of the template `templates/<letter>.<language>.txt`: subject line, empty line, text.
        key: the business fact, e.g. `application:000042:received`.
        facts: what the template shows; `url`, `company`, `hotline`, `mail` are there already, and so are the filters
            `money`, `day`, `moment`, `phone`. A letter with the fact `contract` stands in the history of that contract,
            but not what goes to relatives.
    """
    if recipient:
        subject, text, html = render_letter(letter, facts, _language(facts, recipient))
        contract = None if letter.startswith('access_') else facts.get('contract')
        _store(Channel.EMAIL, recipient, key=key, subject=subject[:200], text=text, html=html, contract=contract)


@dataclass(frozen=True)
class Addressed:
    """One letter of many: where to, or the phone of somebody without an e-mail; its key and its own facts."""

    email: str
    phone: str
    key: str
    facts: dict[str, object]


def queue_many(letter: str, addressed: Iterable[Addressed]) -> int:
    """Write the same letter to many people, a few statements for all, and return how many; else as `queue()`.

    Who has no e-mail gets the SMS of the same name; who has neither gets nothing.
    """
    reached = [each for each in addressed if each.email or each.phone]
    accounts = languages_of(each.email or each.phone for each in reached if not each.facts.get('language'))
    rows = [_row_of(letter, each, _language_of(each, accounts)) for each in reached]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        OutgoingMessage.insert_many(rows[first : first + ROWS_AT_ONCE]).on_conflict_ignore().execute()
    if rows:
        record(MailQueued())
    return len(rows)


def _language_of(each: Addressed, accounts: dict[str, str]) -> str:
    return str(each.facts.get('language') or accounts.get(each.email or each.phone, 'ru'))


def _row_of(letter: str, each: Addressed, language: str) -> dict[str, object]:
    if not each.email:
        text = render_sms(letter, each.facts, language)
        return _row(Channel.SMS, each.phone, key=f'{each.key}.sms', subject='', text=text, html='')
    subject, text, html = render_letter(letter, each.facts, language)
    contract = each.facts.get('contract')
    return _row(Channel.EMAIL, each.email, key=each.key, subject=subject[:200], text=text, html=html, contract=contract)


def queue_sms(letter: str, phone: str, *, key: str, **facts: object) -> None:
    """Write one SMS into the outbox, on the same terms as `queue()`.

    Args:
        letter: name of the template `templates/<letter>.sms.<language>.txt`, a sentence or two.
        phone: E.164.
        key: the business fact; not the one of the letter about the same thing, e.g. `….sms`.
    """
    if phone:
        text = render_sms(letter, facts, _language(facts, phone))
        _store(Channel.SMS, phone, key=key, subject='', text=text, html='')


def _language(facts: dict[str, object], recipient: str) -> str:
    """Return what the facts say (an application knows the page it was sent from), else what the account says."""
    return str(facts.get('language') or language_of(recipient))


def _store(
    channel: Channel, recipient: str, *, key: str, subject: str, text: str, html: str, contract: object = None
) -> None:
    row = _row(channel, recipient, key=key, subject=subject, text=text, html=html, contract=contract)
    OutgoingMessage.insert(**row).on_conflict_ignore().execute()
    record(MailQueued())


def _row(
    channel: Channel, recipient: str, *, key: str, subject: str, text: str, html: str, contract: object = None
) -> dict[str, object]:
    moment = now()
    return {
        'channel': channel,
        'key': key,
        'recipient': recipient,
        'subject': subject,
        'text': text,
        'html': html,
        'next_at': moment,
        'created_at': moment,
        'contract_number': contract,
        'message_id': f'<{hashlib.sha256(key.encode()).hexdigest()[:32]}@amigo>',
    }


def application_received(application: Application, tracker_token: str) -> None:
    """Confirm an application: a letter, or an SMS where no e-mail was given. Both carry the link to its state."""
    key = f'application:{application.number}:received'
    facts: dict[str, object] = {
        'language': application.language,
        'name': application.first_name,
        'number': application.number,
        'address': application.address,
        'price_until': application.price_until,
        **_price(application.quote),
        'link': f'{get_settings().url}/application/{tracker_token}',
    }
    if application.email:
        queue('application_received', application.email, key=key, **facts)
    else:
        queue_sms('application_received', application.phone, key=f'{key}.sms', **facts)


def _price(quote: dict[str, object]) -> dict[str, object]:
    """Return the sums of an application's snapshot in rubles."""
    monthly = Decimal(str(quote['monthly']))
    return {
        'monthly': monthly,
        'monthly_later': Decimal(str(quote.get('monthly_later', monthly))),
        'promo_months': quote.get('promo_months', 0),
        'once': Decimal(str(quote['once'])),
    }


def credentials_ready(user: User, *, contract_number: str, phone: str = '') -> None:
    """Tell a new subscriber how to come in: a letter, an SMS without e-mail. The one-time password is never in it."""
    key = f'credentials:{contract_number}:{now().isoformat()}'
    if user.email:
        queue('credentials_ready', user.email, key=key, name=user.first_name, contract=contract_number)
    else:
        queue_sms('credentials_ready', phone, key=f'{key}.sms', contract=contract_number)


def recovery(user: User, *, token: str, until: datetime, key: str) -> None:
    """Send the link by which a person sets a new password; it works once, until `until`."""
    link = f'{get_settings().url}/my/recovery/confirm#{token}'
    queue('recovery', user.email or '', key=key, name=user.first_name, link=link, until=until)


@dataclass(frozen=True)
class PaidBy:
    """A card as «Visa •• 0000», '' where the bank did not tell, and whether autopay paid with it."""

    card: str
    is_automatic: bool


OTHERWISE = PaidBy('', is_automatic=False)
"""Cash, a bank transfer, ERIP: no card."""


def payment_received(
    user: User,
    *,
    contract_number: str,
    amount: Decimal,
    balance: Decimal,
    paid_at: datetime,
    key: str,
    by: PaidBy = OTHERWISE,
) -> None:
    """Confirm a payment; `amount` and the `balance` after it in rubles, `by` which card where it is known.

    Where to find the receipt stands in it; of a payment autopay made also how to switch that off.
    """
    queue(
        'payment_received',
        user.email or '',
        key=key,
        name=user.first_name,
        contract=contract_number,
        amount=amount,
        balance=balance,
        paid_at=paid_at,
        card=by.card,
        is_automatic=by.is_automatic,
    )


def password_changed(user: User, *, is_staff: bool) -> None:
    """Tell a person that his password was changed, and what to do if it was not him: no letter lets staff in again."""
    key = f'password:{user.id}:{now().isoformat()}'
    queue('password_changed', user.email or '', key=key, name=user.first_name, is_staff=is_staff)
