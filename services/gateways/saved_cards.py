"""The port to cards a gateway keeps for us: paying without typing the card again.

Of a card we hold what is here and nothing more: its number never comes to this house (DOMAIN §2.8).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from services.gateways.kept_card import KeptCard
from services.gateways.payment_gateway import Checkout, CheckoutIntent, Transaction

__all__ = ['CardUse', 'Charge', 'KeptCard', 'SavedCardGateway', 'SavedCharge']


class CardUse(StrEnum):
    """Who wants the charge: the house by the payer's consent, or the payer himself, here and now."""

    RECURRING = 'recurring'
    CARD_ON_FILE = 'card_on_file'


@dataclass(frozen=True, slots=True)
class SavedCharge:
    """A charge of a kept card. `token` is the gateway's word for the card: never in a log, never on a page."""

    token: str = field(repr=False)
    use: CardUse


@dataclass(frozen=True, slots=True)
class Charge:
    """What came of it at once. `redirect_url` is the bank's page where a payer who is here confirms; '' without one."""

    transaction: Transaction
    redirect_url: str = ''


@runtime_checkable
class SavedCardGateway(Protocol):
    """A gateway that keeps cards. All calls raise GatewayRefused or GatewayUnknown.

    The card itself comes with the transaction of the payment that kept it: `Transaction.kept_card`.
    """

    def create_saving_checkout(self, intent: CheckoutIntent) -> Checkout:
        """Open a hosted page on which the payer may keep his card; else as `create_checkout`."""

    def charge_saved(self, charge: SavedCharge, intent: CheckoutIntent, *, request_id: str) -> Charge:
        """Charge a kept card, once for each `request_id` within 24 hours.

        After GatewayUnknown the charge may stand: look with `list_by_tracking_id`, never charge anew.
        """
