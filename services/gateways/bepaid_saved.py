"""bePaid's JSON for kept cards: the wish to keep one, and the charge without a page (DOMAIN §2.2.1, §2.2.6)."""

from typing import Any

from pydantic import BaseModel

from services.gateways.bepaid_wire import Line, WireTransaction, checkout_request, positive_minor
from services.gateways.payment_gateway import CheckoutIntent
from services.gateways.saved_cards import CardUse, SavedCharge

_BY_THE_PAYER = {'initiator': 'customer'}


class ChargedTransaction(WireTransaction):
    """`transaction` of POST /transactions/payments: `incomplete` has the page where the payer confirms."""

    redirect_url: Line | None = None


class ChargeAnswer(BaseModel):
    """The envelope of a charge."""

    transaction: ChargedTransaction


def saving_request(intent: CheckoutIntent, *, test: bool) -> dict[str, Any]:
    """Return the body of POST /ctp/api/checkouts for a payer who wants his card kept.

    The toggle stands on the bank's page too, set as he ticked it here: without it the bank gives no token.

    Raises:
        ValueError: as `checkout_request`.
    """
    body = checkout_request(intent, test=test)
    checkout = body['checkout']
    checkout['order']['additional_data']['contract'] = [CardUse.RECURRING.value, CardUse.CARD_ON_FILE.value]
    checkout['settings']['save_card_toggle'] = {'display': True, 'customer_contract': True}
    return body


def charge_request(charge: SavedCharge, intent: CheckoutIntent, *, test: bool) -> dict[str, Any]:
    """Return the body of POST /transactions/payments: 3-D Secure only where a person is there to confirm.

    Raises:
        ValueError: as `checkout_request`.
    """
    order = checkout_request(intent, test=test)['checkout']['order']
    is_unattended = charge.use is CardUse.RECURRING
    additional: dict[str, Any] = {
        'contract': [charge.use.value],
        'receipt_text': order['additional_data']['receipt_text'],
    }
    if not is_unattended:
        additional['card_on_file'] = _BY_THE_PAYER
    return {
        'request': {
            'amount': positive_minor(intent.amount),
            'currency': intent.currency,
            'description': intent.description,
            'tracking_id': intent.tracking_id,
            'test': test,
            'language': intent.language,
            'return_url': intent.return_url,
            'notification_url': intent.notification_url,
            'credit_card': {'token': charge.token, 'skip_three_d_secure_verification': is_unattended},
            'additional_data': additional,
        }
    }
