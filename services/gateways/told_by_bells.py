"""The port to a gateway that cannot be asked about a page, only about a transaction which it has named in a bell."""

from typing import Protocol, runtime_checkable

from services.gateways.payment_gateway import Transaction


@runtime_checkable
class ToldByBells(Protocol):
    """Beside PaymentGateway, which asks by a token: here the bells that were kept take the token's place."""

    def confirm(self, raw_body: bytes) -> Transaction:
        """Ask about the transaction a kept bell was about, and return it as it is now.

        Raises:
            WebhookRefused: the bell is not genuine (any more: the secret was changed).
            GatewayRefused, GatewayUnknown: as every question.
        """
