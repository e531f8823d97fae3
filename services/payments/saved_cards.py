"""Cards of a contract that the gateway keeps: its owner's alone, to see, to pay with and to remove.

A relative with «Оплата» pays with a card of his own on the bank's page: nothing he was given speaks of the owner's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models.access import Access
from models.contract import Contract
from models.payment import Payment
from models.saved_card import Autopay, CardPayment, CardPurpose, SavedCard
from services import audit, limits
from services.authority import Actor, own_contract
from services.clock import now, today
from services.errors import N_, DomainError, NotFound
from services.events import PaymentChanged, record
from services.gateways.kept_card import KeptCard
from services.gateways.payment_gateway import Transaction
from services.gateways.saved_cards import SavedCardGateway
from services.identity import vault
from services.payments import payment_gateways
from services.payments.card_names import card_words, term_words
from services.runner import transactional

MOST_CARDS = limits.count('saved_cards')


class CardExpired(DomainError):
    """The last month of the card is past."""

    message = N_('Срок этой карты вышел. Выберите другую или заплатите новой.')
    status = 409


class TooManyCards(DomainError):
    """So many are kept already."""

    message = N_('Уже сохранено {most} карт. Удалите ту, которой не пользуетесь, или платите без сохранения.')
    status = 409


@dataclass(frozen=True)
class CardView:
    """A kept card: «Visa •• 0000», its last month «01/30», whether it is past, whether autopay uses it."""

    id: int
    name: str
    term: str
    is_expired: bool
    is_autopay: bool


def is_offered() -> bool:
    """Tell whether the gateway of this installation keeps cards."""
    gateway = payment_gateways.card_gateway()
    return gateway is not None and isinstance(gateway.port, SavedCardGateway)


def list_cards(*, actor: Actor | None) -> tuple[CardView, ...]:
    """Return the cards of the actor's contract, the newest first.

    Raises:
        SignInRequired, NotAllowed, NotFound, OwnerOnly: only its owner.
    """
    contract = own_contract(actor, need=Access.OWNER)
    used: Autopay | None = Autopay.get_or_none((Autopay.contract == contract) & Autopay.is_on)
    chosen = used.card_id if used else 0
    return tuple(view_of(card, is_autopay=card.id == chosen) for card in kept_by(contract))


def view_of(card: SavedCard, *, is_autopay: bool = False) -> CardView:
    """Return a card as its owner sees it."""
    term = term_words(card.expires_month, card.expires_year)
    return CardView(card.id, card_words(card.brand, card.last4), term, card.is_expired(today()), is_autopay)


def kept_by(contract: Contract) -> list[SavedCard]:
    """Return the cards of a contract that were not removed, the newest first."""
    rows: Any = SavedCard.select().where((SavedCard.contract == contract) & SavedCard.removed_at.is_null())
    return list(rows.order_by(SavedCard.id.desc()))


def usable(card_id: int, contract: Contract) -> SavedCard:
    """Return a card of this contract that can pay.

    Raises:
        NotFound: there is none, it is removed, or it is another contract's.
        CardExpired: its last month is past.
    """
    is_kept = (SavedCard.contract == contract) & SavedCard.removed_at.is_null()
    card: SavedCard | None = SavedCard.get_or_none((SavedCard.id == card_id) & is_kept)
    if card is None:
        raise NotFound
    if card.is_expired(today()):
        raise CardExpired
    return card


@transactional
def remove(card_id: int, *, actor: Actor | None) -> None:
    """Remove a card: its token is forgotten, an autopay with it ends. A removed one stays removed.

    Raises:
        NotFound: no such card, or another contract's. SignInRequired, NotAllowed, OwnerOnly.
    """
    contract = own_contract(actor, lock=True, need=Access.OWNER)
    card: SavedCard | None = SavedCard.get_or_none((SavedCard.id == card_id) & (SavedCard.contract == contract))
    if card is None:
        raise NotFound
    if card.removed_at is None:
        forget(card, user_id=actor.user_id if actor else None)
        Autopay.update(is_on=False, changed_at=now()).where((Autopay.card == card) & Autopay.is_on).execute()
        name = card_words(card.brand, card.last4)
        audit.note('card.remove', f'contract:{contract.number}', actor=actor, card=name)


def forget(card: SavedCard, *, user_id: int | None = None) -> None:
    """Forget what pays with a card; that there was one stays."""
    SavedCard.update(token=None, removed_at=now(), removed_by=user_id).where(
        (SavedCard.id == card.id) & SavedCard.removed_at.is_null()
    ).execute()


def wish_to_keep(payment: Payment, contract: Contract) -> None:
    """Note that the payer wants his card kept if this payment succeeds.

    Raises:
        TooManyCards: enough are kept.
    """
    if len(kept_by(contract)) >= MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    CardPayment.create(payment=payment, purpose=CardPurpose.KEEP)


def keep(payment: Payment, paid: Sequence[Transaction]) -> SavedCard | None:
    """Keep the card that made a payment, if the gateway gave a token; the same card again only renews its token."""
    kept = next((each.kept_card for each in paid if each.kept_card), None)
    if kept is None:
        return None
    card = (
        _same(payment, kept)
        or SavedCard.create(
            contract=payment.contract_id,
            gateway=payment.gateway,
            token=b'',  # a cell is sealed for the number of its row
            brand=kept.brand[:16],
            last4=kept.last_4,
            expires_month=kept.expires_month,
            expires_year=kept.expires_year,
            created_at=now(),
            created_by=payment.user_id,
        )
    )
    SavedCard.update(token=vault.seal(kept.token, aad=_cell(card))).where(SavedCard.id == card.id).execute()
    name = card_words(card.brand, card.last4)
    audit.note('card.keep', f'contract:{payment.contract.number}', actor=None, card=name, payment=payment.id)
    record(PaymentChanged(payment.id, payment.contract_id))
    return card


def token_of(card: SavedCard) -> str | None:
    """Return what the gateway calls a card; None once it was removed."""
    return None if card.token is None else vault.unseal(bytes(card.token), aad=_cell(card))


def _same(payment: Payment, kept: KeptCard) -> SavedCard | None:
    is_it = (SavedCard.brand == kept.brand[:16]) & (SavedCard.last4 == kept.last_4)
    term = (SavedCard.expires_month == kept.expires_month) & (SavedCard.expires_year == kept.expires_year)
    own = (SavedCard.contract == payment.contract_id) & SavedCard.removed_at.is_null()
    found: SavedCard | None = SavedCard.get_or_none(own & is_it & term & (SavedCard.gateway == payment.gateway))
    return found


def _cell(card: SavedCard) -> str:
    return vault.aad_of('saved_card', card.id, 'token')
