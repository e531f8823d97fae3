"""What a gateway tells of a card it keeps for us."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card by the gateway's own word for it, the token; `expires_month` of `expires_year` is its last month."""

    token: str = field(repr=False)
    brand: str
    last_4: str
    expires_month: int
    expires_year: int
