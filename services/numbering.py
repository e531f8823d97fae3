"""Numbers of contracts and applications: the next one of a sequence, never the same twice."""

from models.account import Counter
from services.runner import transactional

FIRST = 100_001


@transactional
def next_number(sequence: str) -> str:
    """Return the next six-digit number of `contract` or `application`.

    The raised row stays held until the surrounding transaction ends, so two callers at once get two numbers; a
    transaction that fails gives its number back.
    """
    Counter.insert(name=sequence, value=FIRST - 1).on_conflict_ignore().execute()
    Counter.update(value=Counter.value + 1).where(Counter.name == sequence).execute()
    return f'{Counter.get(Counter.name == sequence).value:06d}'
