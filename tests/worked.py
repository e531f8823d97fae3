"""docs/worked-examples.md read as a program: each row is carried out by the services, in the words of an accountant."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from components.i18n import error_text
from models.account import Entry, Operation, OperationKind
from models.catalogue import Equipment, Tariff
from models.contract import Contract, ContractStatus, Discount, EquipmentUnit
from models.equipment import EquipmentOrder
from models.payment import Payment
from models.price import CataloguePrice
from models.termination import Termination
from services import rule_changes
from services.accounts import (
    add_ons,
    billing,
    billing_run,
    debt_blocks,
    equipment_buy_outs,
    equipment_desk,
    equipment_orders,
    ledger,
    planned_tariffs,
    promised_payments,
    subscriptions,
    suspensions,
    tariff_changes,
    termination_runs,
    terminations,
)
from services.accounts.termination_requests import Wish
from services.clock import MINSK, today
from services.errors import DomainError, InvalidForm
from services.gateways.payment_gateway import Checkout, GatewayState, GatewayStatus, Transaction, TransactionKind
from services.money import ZERO, vat_inside
from services.offers import price_changes, shelf
from services.payments import payment_outcomes, payments
from services.quotes.overage import BYTES_IN_MB, overage_lines, started_mb, steps_of
from services.quotes.subscription import rubles, total
from tests import factories, meter

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'worked-examples.md'
REFUSED = 'отказ'
WHY = 'Решение директора'


@dataclass(frozen=True)
class Row:
    """One row of the table, as it is written."""

    number: int
    given: str
    day: date
    event: str
    formula: str
    sum: str
    balance: str
    internet: str


def read_rows():
    """Return all rows of the document in their order."""
    cells = (line.strip().strip('|').split('|') for line in DOCUMENT.read_text('utf-8').splitlines())
    rows = ([cell.strip() for cell in line] for line in cells if line[0].strip().isdigit())
    return [Row(int(number), given, day_of(day), *rest) for number, given, day, *rest in rows]


def examples():
    """Return the rows by the number of their example."""
    by_number = {}
    for row in read_rows():
        by_number.setdefault(row.number, []).append(row)
    return by_number


def day_of(text):
    """Return the date of «21.11.2026»."""
    return datetime.strptime(text, '%d.%m.%Y').replace(tzinfo=MINSK).date()


def money(text):
    """Return rubles of «−12,40»."""
    return Decimal(text.replace('−', '-').replace(',', '.'))


def written(rubles):
    """Return «−12,40» for rubles."""
    return f'{rubles:.2f}'.replace('.', ',').replace('-', '−')


def noon(day):
    """Return the minute at which a row happens."""
    return datetime.combine(day, time(12), MINSK)


def counted(formula):
    """Count a formula as a person with a calculator does, knowing nothing of the product; plus or minus is not told."""
    text = re.sub(r'([\d,]+) р\. вместо [\d,]+ р\.', r'\1', formula)
    text = re.sub(r'([\d,]+) р\. − (\d+) %', lambda m: str(_kopecks(number(m[1]) * (100 - int(m[2])) / 100)), text)
    text = text.removesuffix(' дней').replace(' р.', '').replace(' МБ', '').replace(',', '.')
    text = re.sub(r'[\d.]+', r"Fraction('\g<0>')", text.replace('×', '*').replace('−', '-').replace(' из ', '/'))
    return _kopecks(eval(text, {'Fraction': Fraction}))  # noqa: S307 - our own document


def number(text):
    """Return «29,90» as an exact number."""
    return Fraction(text.replace(',', '.'))


def _kopecks(value):
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP)


class Bank:
    """A gateway at which every payment has succeeded."""

    name = 'bepaid'

    def create_checkout(self, intent):
        self.intent = intent
        return Checkout(f'token-{intent.tracking_id}', 'https://bank.example/')

    def query_by_uid(self, uid):
        paid, moment = self.intent, TransactionKind.PAYMENT
        return Transaction(uid, moment, GatewayStatus.SUCCEEDED, paid.amount, 'BYN', True, paid.tracking_id)

    def query_by_token(self, token):
        paid = self.query_by_uid(f'uid-{token}')
        return GatewayState(token, paid.status, True, paid.amount, 'BYN', True, paid.tracking_id, paid)


class Example:
    """One contract and what happens to it; `administrator` changes the rules."""

    def __init__(self, row, administrator):
        self.administrator, self.count = administrator, 0
        facts = [fact.strip() for fact in row.given.split(';') if fact.strip()]
        connected = [fact for fact in facts if fact.startswith('подключён ')]
        since = day_of(connected[0].split()[1]) if connected else (row.day - timedelta(days=1)).replace(day=1)
        user = factories.make_user()
        self.contract = factories.make_contract(user=user, active_on=since)
        self.actor = factories.actor(user, 'subscriber', self.contract)
        for fact in facts:
            if fact not in connected:
                _the_only(_GIVEN, fact, self)
        debt_blocks.review(self.contract)

    def happens(self, event):
        """Carry out what a row tells; return its operations, or the words of the refusal."""
        self.count += 1
        last = Operation.select().order_by(Operation.id.desc()).first()
        try:
            _the_only(_EVENTS, event, self)
        except InvalidForm as refusal:
            return ' '.join(error_text(each) for each in refusal.errors.values())
        except DomainError as refusal:
            return error_text(refusal)
        booked = Operation.select().where(
            (Operation.contract == self.contract) & (Operation.id > (last.id if last else 0))
        )
        return [(operation.formula, self.moved(operation)) for operation in booked.order_by(Operation.id)]

    def moved(self, operation):
        """Return what an operation did to the wallet."""
        wallet = ledger.wallet_of(self.contract)
        return Entry.get((Entry.operation == operation) & (Entry.account == wallet)).amount

    @cached_property
    def operator(self):
        """Return somebody at the counter."""
        return factories.actor(factories.make_user('operator'), 'operator')

    @property
    def balance(self):
        """Return the balance in rubles."""
        return ledger.balance(self.contract)

    @property
    def internet(self):
        """Return whether the internet works, in one word."""
        if self.fresh().status == ContractStatus.TERMINATED:
            return 'расторгнут'
        suspension = subscriptions.open_suspension(self.contract)
        if suspension and suspension.starts_on <= today():
            return 'приостановлен'
        return 'остановлен' if debt_blocks.open_block(self.contract) else 'работает'

    def key(self):
        """Return the form key of this row."""
        return f'example-{self.contract.number}-{self.count}'

    def execute(self, shown, action):
        """Do what was shown, twice: what is shown is what is done, once."""
        before = self.balance
        action(shown.id, self.key(), actor=self.actor)
        action(shown.id, self.key(), actor=self.actor)
        assert self.balance == before - shown.quote.due == shown.quote.steps[0].after

    def fresh(self):
        return Contract.get_by_id(self.contract.id)


def _the_only(phrases, text, example):
    for pattern, action in phrases.items():
        match = re.fullmatch(pattern, text)
        if match:
            action(example, *match.groups())
            return
    raise ValueError(f'docs/worked-examples.md: nobody understands «{text}»')


def _tariff(example, code):
    Contract.update(tariff=factories.make_tariff(code)).where(Contract.id == example.contract.id).execute()
    example.contract = example.fresh()


def _television(example, code):
    package = factories.TvPackage.get(factories.TvPackage.code == code)
    Contract.update(tv_package=package).where(Contract.id == example.contract.id).execute()
    example.contract = example.fresh()


def _discount(example, kind, first, last, **what):
    months = {'first_month': day_of(first), 'last_month': day_of(last).replace(day=1)}
    Discount.create(contract=example.contract, kind=kind, **months, **what)


_GIVEN = {
    r'тариф (\S+)': _tariff,
    r'телевидение (\S+)': _television,
    r'аренда (\S+)': lambda e, code: factories.make_unit(e.contract, code),
    r'услуга (\S+)': lambda e, code: factories.connect_add_on(e.contract, code),
    r'на счёте (\S+)': lambda e, rubles: factories.top_up(e.contract, money(rubles)),
    r'скидка (\d+) % с (\S+) по (\S+)': lambda e, percent, first, last: _discount(
        e, 'months_percent', first, last, percent=int(percent)
    ),
    r'первый месяц за (\S+) с (\S+)': lambda e, rubles, first: _discount(
        e, 'first_months_fixed', first, first, amount=money(rubles)
    ),
}


def _move(example, to, when):
    when = {'сейчас': 'now', 'с 1-го': 'next'}.get(when) or day_of(when.removeprefix('с ')).isoformat()
    example.execute(tariff_changes.quote(to, when, actor=example.actor), tariff_changes.execute)


def _suspend(example, first, days):
    example.execute(suspensions.quote(day_of(first), days, actor=example.actor), suspensions.suspend)


def _terminate(example, last_day):
    shown = terminations.quote(day_of(last_day), actor=example.actor)
    example.execute(shown, lambda quote_id, key, actor: terminations.request(quote_id, key, Wish(), actor=actor))


def _withdraw(example):
    request = Termination.get(Termination.contract == example.contract)
    terminations.withdraw(request.id, actor=example.actor)


def _pay(example, rubles):
    started = payments.start(rubles, example.key(), actor=example.actor)
    example.payment = Payment.get(Payment.tracking_id == started.tracking_id)
    payment_outcomes.refresh(example.payment.id)


def _reverse(example):
    paid = Operation.get((Operation.contract == example.contract) & (Operation.kind == OperationKind.PAYMENT))
    ledger.reverse(paid, reason='Банк вернул деньги', actor_id=None)
    debt_blocks.review(example.contract)


def _order(example, code, how):
    way = {'в аренду': 'rent', 'навсегда': 'buy'}[how]
    shown = equipment_orders.quote(code, way, actor=example.actor)
    for _click in range(2):
        equipment_orders.order(shown.id, factories.make_office().id, example.key(), actor=example.actor)


def _take(example):
    ordered, serial = EquipmentOrder.get(EquipmentOrder.contract == example.contract), f'AX-{example.contract.number}'
    operator = example.operator
    shown = equipment_desk.quote_hand_over(ordered.id, actor=operator)
    for _click in range(2):
        equipment_desk.hand_over(ordered.id, shown.id, serial, 'AA:BB:CC:00:00:01', actor=operator)


def _unit(example, code):
    here = (EquipmentUnit.contract == example.contract) & (Equipment.code == code)
    return EquipmentUnit.select().join(Equipment).where(here).get().id


def _bring_back(example, code):
    unit, operator = _unit(example, code), example.operator
    shown = equipment_desk.quote_return(unit, actor=operator)
    for _click in range(2):
        equipment_desk.accept(unit, shown.id, 'Цело', actor=operator)


def _buy_out(example, code):
    example.execute(equipment_buy_outs.quote(_unit(example, code), actor=example.actor), equipment_buy_outs.buy_out)


def _new_rule(name):
    """Return the change of a rule, which holds for everybody from its day."""
    return lambda example, value, first: rule_changes.change(
        name, value, day_of(first).isoformat(), WHY, actor=example.administrator
    )


def _new_price(example, code, fee, first):
    price_changes.announce(code, fee, '25', day_of(first).isoformat(), WHY, actor=example.administrator)


def _withdraw_price(example, code):
    price = CataloguePrice.select().join(Tariff).where(Tariff.code == code).get()
    price_changes.withdraw(price.id, actor=example.administrator)


def _night(_example):
    planned_tariffs.run_due()
    billing_run.run_due()
    termination_runs.run_due()
    debt_blocks.review_due()


_EVENTS = {
    r'первое списание': lambda e: billing.charge_activation(e.contract, actor_id=None),
    r'ночная проверка': _night,
    r'переход на (\S+) (сейчас|с 1-го|с [\d.]+)': _move,
    r'переход на тариф дешевле стоит (\S+) с (\S+)': _new_rule('down_fee'),
    r'плата за восстановление станет (\S+) с (\S+)': _new_rule('reconnection_fee'),
    r'цена (\S+) станет (\S+) с (\S+)': _new_price,
    r'цену (\S+) отзывают': _withdraw_price,
    r'(\S+) снимают с продажи': lambda e, code: shelf.archive(code, actor=e.administrator),
    r'подключает (\S+)': lambda e, code: e.execute(add_ons.quote(code, actor=e.actor), add_ons.connect),
    r'отключает (\S+)': lambda e, code: add_ons.disconnect(code, actor=e.actor),
    r'приостановка с (\S+) на (\d+) дней': _suspend,
    r'возвращается раньше': lambda e: e.execute(suspensions.quote_resume(actor=e.actor), suspensions.resume),
    r'просит расторгнуть, последний день (\S+)': _terminate,
    r'отзывает просьбу о расторжении': _withdraw,
    r'заказывает (\S+) (в аренду|навсегда)': _order,
    r'получает заказанное': _take,
    r'сдаёт (\S+)': _bring_back,
    r'выкупает (\S+)': _buy_out,
    r'показание (\d+) МБ за (\S+)': lambda e, mb, month: meter.read(e.contract.number, mb, month),
    r'обещанный платёж': lambda e: promised_payments.promise(e.key(), actor=e.actor),
    r'платёж (\S+)': _pay,
    r'банк повторяет сообщение': lambda e: payment_outcomes.refresh(e.payment.id),
    r'отмена платежа': _reverse,
}


def computed(event):
    """Return the cells «Формула» (None where the product has none) and «Сумма» of a row that is only calculated."""
    vat = re.fullmatch(r'НДС (\d+) % в сумме (\S+)', event)
    if vat:
        return None, written(vat_inside(money(vat[2]), int(vat[1])))
    traffic = re.fullmatch(r'на (\S+) скачано (\d+) МБ( и 1 байт)?', event)
    return _overage(traffic[1], int(traffic[2]) * BYTES_IN_MB + bool(traffic[3])) if traffic else None


def _overage(code, used_bytes):
    tariff = Tariff.get(Tariff.code == code)
    megabytes = started_mb(used_bytes, tariff.quota_gb)
    lines = overage_lines(steps_of(tariff.overage), megabytes=megabytes, code=code, on=today())
    return ''.join(line.formula for line in lines), written(total(lines))


def words_of(booked):
    """Return the cells «Формула» and «Сумма» for what was booked; a payment has a formula only beside another line."""
    if not any(formula for formula, _amount in booked):
        told = []
    else:
        told = [(formula or rubles(amount), amount) for formula, amount in booked]
    parts = [f'{formula} = {written(amount)}' if len(told) > 1 else formula for formula, amount in told]
    return '<br>'.join(parts), written(sum((amount for _formula, amount in booked), ZERO))
