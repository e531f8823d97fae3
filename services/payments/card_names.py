"""How a card is called: brand and last four digits, and until when it is good."""

BRANDS = {'visa': 'Visa', 'master': 'Mastercard', 'maestro': 'Maestro', 'belkart': 'Белкарт', 'mir': 'Мир'}


def card_words(brand: str, last4: str) -> str:
    """Return «Visa •• 0000», or nothing when the gateway did not tell."""
    return f'{BRANDS.get(brand, brand.title())} •• {last4}'.strip() if last4 else ''


def term_words(month: int, year: int) -> str:
    """Return «01/30», as it stands on the card."""
    return f'{month:02d}/{year % 100:02d}'
