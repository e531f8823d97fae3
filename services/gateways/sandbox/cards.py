"""The test cards of bePaid (DOMAIN §2.2.7) and how the pretended bank treats each."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What the bank will say; the values are the codes of DOMAIN §2.2.5, CHALLENGE first asks for a code."""

    APPROVED = 'S.0000'
    CARD_EXPIRED = 'F.0111'
    DECLINED = 'F.0114'
    THREE_DS_FAILED = 'F.0129'
    NOT_COMPLETED = 'F.0998'
    CHALLENGE = 'P.0001'


WIRE_MESSAGES = {
    Outcome.APPROVED: 'Successfully processed',
    Outcome.CARD_EXPIRED: 'Expired card',
    Outcome.DECLINED: 'Insufficient funds',
    Outcome.THREE_DS_FAILED: '3-D Secure authentication failed',
    Outcome.NOT_COMPLETED: 'Customer did not complete the payment',
    Outcome.CHALLENGE: '3-D Secure verification is required',
}

# For the customer, on the gateway's own page.
RUSSIAN_REASONS = {
    Outcome.DECLINED: 'Банк отклонил платёж: на карте не хватает денег.',
    Outcome.THREE_DS_FAILED: 'Банк не подтвердил, что карта ваша.',
    Outcome.NOT_COMPLETED: 'Платёж не был подтверждён.',
}

CHALLENGE_CODE = '1234'


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card that exists only here. `note` is Russian, for the list on the page; empty = not listed."""

    number: str
    brand: str
    outcome: Outcome
    note: str = ''

    @property
    def spaced(self) -> str:
        """Number in groups of four, as on a card."""
        return ' '.join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


TEST_CARDS = (
    TestCard('4200000000000000', 'visa', Outcome.APPROVED, 'оплата пройдёт'),
    TestCard('4005550000000019', 'visa', Outcome.DECLINED, 'банк откажет'),
    TestCard('4012000000001097', 'visa', Outcome.CHALLENGE, 'банк спросит код'),
    TestCard('4012000000001006', 'visa', Outcome.APPROVED),
    TestCard('4012000000001055', 'visa', Outcome.APPROVED),
    TestCard('4012000000001022', 'visa', Outcome.THREE_DS_FAILED, 'вас не узнают'),
    TestCard('4012000000001030', 'visa', Outcome.THREE_DS_FAILED),
    TestCard('4012000000001014', 'visa', Outcome.THREE_DS_FAILED),
    TestCard('5204240000015003', 'master', Outcome.APPROVED, 'оплата пройдёт'),
    TestCard('5204240000015011', 'master', Outcome.APPROVED),
    TestCard('5204240000015029', 'master', Outcome.APPROVED),
    TestCard('5204240000015045', 'master', Outcome.THREE_DS_FAILED),
    TestCard('5204240000015052', 'master', Outcome.THREE_DS_FAILED),
    TestCard('5204240000015060', 'master', Outcome.THREE_DS_FAILED),
)


def find_test_card(number: str) -> TestCard | None:
    """Return the test card with these 16 digits; any other card, so every real one, is unknown here."""
    return next((card for card in TEST_CARDS if card.number == number), None)
