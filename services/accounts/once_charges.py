"""What is charged once with activation: taken from the quote the person saw when he sent the application."""

from decimal import Decimal

from models.contract import Contract
from services.money import round_money
from services.quotes.monthly import Line, LineKind

KINDS = frozenset({LineKind.CONNECTION, LineKind.EQUIPMENT, LineKind.FEE})


def lines_of(contract: Contract) -> list[Line]:
    """Return connection fee, bought equipment and installation of a contract's application, each rounded once.

    The price seen is the price charged: the snapshot in `Application.quote` decides, not today's catalogue. A contract
    without an application has nothing once-only.
    """
    application = contract.application
    if application is None or contract.active_on is None:
        return []
    basis = f'Расчёт к заявке № {application.number}'
    lines = [
        Line(
            on=contract.active_on,
            kind=LineKind(part['kind']),
            code=part['code'],
            title=part['title'],
            sum=round_money(Decimal(part['sum'])),
            formula=part.get('formula') or f'{part["sum"]} р.'.replace('.', ',', 1),
            basis=basis,
        )
        for part in application.quote.get('once_lines', ())
    ]
    return [line for line in lines if line.sum and line.kind in KINDS]
