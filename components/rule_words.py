"""Words of the rules: what each is called, what it does, and how its value reads."""

from decimal import Decimal

from components.i18n import _, money, plural
from services.errors import N_
from services.rules import Definition, Unit, Value, written

GROUPS = {
    'blocking': N_('Долг и блокировка'),
    'tariff': N_('Смена тарифа и цен'),
    'suspension': N_('Приостановка'),
    'termination': N_('Расторжение'),
    'promise': N_('Обещанный платёж'),
    'credit': N_('Кредит доверия'),
    'equipment': N_('Оборудование'),
    'charging': N_('Списания и налог'),
}
TITLES = {
    'debt_allowed': N_('Долг, при котором интернет ещё работает'),
    'first_days_to_pay': N_('Дней на первую оплату'),
    'payment_wait_days': N_('Дней, пока платёж в пути откладывает блокировку'),
    'reconnection_fee': N_('Плата за восстановление после блокировки'),
    'reconnection_free_days': N_('Дней блокировки без платы за восстановление'),
    'down_fee': N_('Плата за переход на тариф дешевле'),
    'down_pause_days': N_('Дней между переходами на тариф дешевле'),
    'down_any_day': N_('Переход на тариф дешевле в любой день'),
    'tariff_ahead_days': N_('За сколько дней можно назначить смену тарифа'),
    'price_notice_days': N_('За сколько дней предупреждаем о новой цене'),
    'suspension_least_days': N_('Самая короткая приостановка'),
    'suspension_most_days': N_('Самая длинная приостановка'),
    'suspensions_a_year': N_('Приостановок в год'),
    'suspension_ahead_days': N_('За сколько дней можно назначить приостановку'),
    'suspension_fee': N_('Плата за приостановку'),
    'termination_ahead_days': N_('За сколько дней можно попросить о расторжении'),
    'promise_amount': N_('Сумма обещанного платежа'),
    'promise_days': N_('Срок обещанного платежа'),
    'promise_pause_days': N_('Перерыв после непогашенного обещанного платежа'),
    'credit_fee': N_('Плата за кредит доверия в месяц'),
    'credit_limit': N_('Предел кредита доверия'),
    'credit_least_mbit': N_('С какой скорости тарифа даём кредит доверия'),
    'order_hold_days': N_('Сколько дней ждём за заказанным устройством по обещанной цене'),
    'buyout_rent_percent': N_('Какую часть уплаченной аренды засчитываем при выкупе'),
    'debiting_order': N_('Порядок списания 1-го числа'),
    'vat_services': N_('НДС в цене услуг связи'),
    'vat_goods': N_('НДС в цене оборудования'),
    'four_eyes_above': N_('Сумма, выше которой исправление подтверждает второй сотрудник'),
}
NOTES = {
    'down_any_day': N_('1 — да: остаток оплаченного месяца возвращается на счёт. 0 — нет: только с 1-го числа.'),
    'debt_allowed': N_('Ноль: интернет останавливается, как только на счёте минус.'),
    'first_days_to_pay': N_('Столько дней после подключения минус на счёте ничего не останавливает.'),
    'payment_wait_days': N_('С первой неудачной попытки. Потом открытая страница банка блокировку не откладывает.'),
    'price_notice_days': N_('По закону не меньше десяти дней.'),
    'suspension_fee': N_('Списывается в день, когда абонент приостанавливает интернет.'),
    'buyout_rent_percent': N_('Ноль: выкуп стоит столько же, сколько новое устройство.'),
    'debiting_order': N_('Виды списаний через запятую, каждый один раз.'),
}
KINDS = {
    'tariff': N_('тариф'),
    'tv': N_('телевидение'),
    'bundle': N_('скидка пакета'),
    'rent': N_('аренда'),
    'add_on': N_('услуги'),
}


def value_words(rule: Definition, value: Value) -> str:
    """Return a value with its unit: «3,30 р.», «10 дней», «25 %», «тариф, телевидение, …»."""
    if isinstance(value, tuple):
        return typed(value)
    if isinstance(value, Decimal):
        return money(value)
    if rule.unit == Unit.DAYS:
        return plural(value, 'день', 'дня', 'дней')
    if rule.unit == Unit.TIMES:
        return plural(value, 'раз', 'раза', 'раз')
    if rule.unit == Unit.FLAG:
        return _('да') if value else _('нет')
    return f'{value} %' if rule.unit == Unit.PERCENT else _('{number} Мбит/с').format(number=value)


def typed(value: Value) -> str:
    """Return a value as a person types it into the form."""
    if isinstance(value, tuple):
        return ', '.join(_(KINDS[kind]) for kind in value)
    return written(value).replace('.', ',')


def read_typed(rule: Definition, text: str) -> str:
    """Return what was typed as the service reads it: kinds by their names here become kinds by the code's."""
    if rule.unit != Unit.ORDER:
        return text
    kinds = {_(words): kind for kind, words in KINDS.items()}
    return ','.join(kinds.get(part.strip().lower(), part.strip()) for part in text.split(','))


def limits_words(rule: Definition) -> str:
    """Return what may be typed: «от 0 до 20», nothing for an order."""
    if rule.least is None or rule.most is None:
        return _(NOTES[rule.name]) if rule.name in NOTES else ''
    least, most = (f'{limit:f}'.replace('.', ',') for limit in (rule.least, rule.most))
    return _('От {least} до {most}').format(least=least, most=most)
