"""Read from the database what a contract pays for: the snapshot every calculation of its money starts from."""

from collections.abc import Sequence
from typing import Any

from models.base import is_postgres
from models.catalogue import Tariff
from models.contract import ConnectedAddOn, Contract, Suspension, TariffChange, TariffChangeState
from services.accounts import contract_rows, snapshots
from services.clock import today
from services.quotes.subscription import Subscription


def load(contract: Contract) -> Subscription:
    """Return what a contract pays for, as it stands now: a batch of one."""
    return snapshots.load_many([contract])[contract.id]


def open_suspension(contract: Contract) -> Suspension | None:
    """Return the suspension that runs or is still to come, if any."""
    found: Suspension | None = (
        Suspension.select()
        .where((Suspension.contract == contract) & Suspension.resumed_on.is_null() & (Suspension.ends_on > today()))
        .order_by(Suspension.starts_on)
        .first()
    )
    return found


def planned_change(contract: Contract) -> TariffChange | None:
    """Return the change of tariff that waits for its day, if any."""
    new = Tariff.alias()
    found: TariffChange | None = (
        TariffChange.select(TariffChange, new)
        .join(new, on=(TariffChange.new_tariff == new.id))
        .where((TariffChange.contract == contract) & (TariffChange.state == TariffChangeState.PLANNED))
        .get_or_none()
    )
    return found


def open_credit(contract: Contract) -> ConnectedAddOn | None:
    """Return the trust credit of a contract while it is connected: its row keeps the limit that was agreed."""
    return next((row for row in contract_rows.connected([contract.id]) if contract_rows.is_credit(row)), None)


def reload_locked(contract: Contract) -> Contract:
    """Return the contract as it is now, its row held until the end of the transaction."""
    (fresh,) = lock_many([contract.id])
    return fresh


def lock_many(ids: Sequence[int]) -> list[Contract]:
    """Return contracts as they are now, held in the order of their ids until the end of the transaction."""
    query: Any = Contract.select().where(Contract.id.in_(list(ids))).order_by(Contract.id)
    return list(query.for_update() if is_postgres() else query)
