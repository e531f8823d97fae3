"""Versions of prices: from a coming 1st, told to everybody they touch, paid from their day and not before."""

from contextlib import ExitStack
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from models.base import database
from models.catalogue import Tariff
from models.contract import Contract, ContractStatus, Discount, TariffChange, TariffChangeState
from models.outbox import Channel, OutgoingMessage
from models.price import CataloguePrice
from models.user import AuditEvent
from services.accounts import billing, overview, subscriptions, tariff_changes
from services.accounts.shown_quotes import QuoteChanged
from services.clock import MINSK, now, today
from services.contracts import contract_terms
from services.errors import InvalidForm, NotAllowed, NotFound, SignInRequired
from services.messages import letters
from services.offers import constructor, price_changes, price_letters, shelf
from services.offers.price_changes import PriceWaits
from services.offers.prices import fee_on
from services.quotes.monthly import LineKind
from services.quotes.subscription import next_month
from tests import factories

pytestmark = pytest.mark.at('2026-11-22 12:00')

WHY = 'Подорожала магистраль'
DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)


def BYN(text):  # noqa: N802 - reads like the unit
    return Decimal(text)


def announce(ada, fee='31,90', starts_on=JANUARY, code='I-100', vat='25'):
    """Announce a price and let the job write its letters."""
    price = price_changes.announce(code, fee, vat, starts_on.isoformat(), WHY, actor=ada)
    price_letters.write_due()
    return price


def withdraw(price, ada):
    """Withdraw a price and let the job write its letters."""
    price_changes.withdraw(price, actor=ada)
    price_letters.write_due()


def price_since(day, fee, ada, code='I-100'):
    """Write a price that begins on a day, announced or long ago."""
    return CataloguePrice.create(
        tariff=Tariff.get(Tariff.code == code),
        monthly_fee=BYN(fee),
        vat_rate=25,
        starts_on=day,
        announced_at=now(),
        set_by=ada.user_id,
        reason=WHY,
    )


@pytest.fixture
def travel():
    """Return a function that stops the clock at another Minsk moment."""
    with ExitStack() as trips:
        yield lambda moment: trips.enter_context(
            time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=MINSK), tick=False)
        )


def letters_about(word):
    return [row for row in OutgoingMessage.select().order_by(OutgoingMessage.id) if f':{word}:' in row.key]


def tariff_sums(steps):
    return {step.on: line.sum for step in steps for line in step.lines if line.kind == LineKind.TARIFF}


COMMANDS = {
    'announce': announce,
    'withdraw': lambda actor: price_changes.withdraw(1, actor=actor),
    'list': lambda actor: shelf.list_shelf(actor=actor),
    'one': lambda actor: shelf.get_page('I-100', actor=actor),
    'archive': lambda actor: shelf.archive('I-100', actor=actor),
    'sell': lambda actor: shelf.put_on_sale('I-100', actor=actor),
    'targets': lambda actor: shelf.set_targets('I-100', ['I-200'], actor=actor),
}


@pytest.mark.parametrize('command', COMMANDS)
def test_only_administrators_may(db, olga, taras, anna, stranger, command):
    for actor, refusal in ((olga, NotAllowed), (taras, NotAllowed), (anna, NotAllowed), (stranger, SignInRequired)):
        with pytest.raises(refusal):
            COMMANDS[command](actor)
    assert CataloguePrice.select().count() == 0


def test_a_price_holds_from_its_day_and_not_before(db, ada):
    announce(ada)
    tariff = Tariff.get(Tariff.code == 'I-100')

    assert fee_on(tariff, date(2026, 12, 31)) == BYN('29.90')
    assert fee_on(tariff, JANUARY) == fee_on(tariff, date(2030, 1, 1)) == BYN('31.90')


@pytest.mark.parametrize(
    ('day', 'first'), [('2026-11-21 12:00', DECEMBER), ('2026-11-22 00:00', JANUARY), ('2026-12-22 12:00', JANUARY)]
)
def test_the_earliest_day_is_a_first_after_the_notice(db, ada, travel, day, first):
    travel(day)

    assert shelf.get_page('I-100', actor=ada).earliest == first
    with pytest.raises(InvalidForm) as refused:
        announce(ada, starts_on=first - timedelta(days=1))
    assert set(refused.value.errors) == {'starts_on'}
    announce(ada, starts_on=first)


def test_only_a_first_of_a_month_within_a_year(db, ada):
    for wrong in (date(2027, 1, 2), date(2027, 12, 1), DECEMBER, date(2020, 1, 1)):
        with pytest.raises(InvalidForm) as refused:
            announce(ada, starts_on=wrong)
        assert set(refused.value.errors) == {'starts_on'}
    with pytest.raises(InvalidForm) as refused:
        announce(ada, starts_on=date(2027, 1, 2))
    assert '2027-02-01' in str(refused.value.errors['starts_on'])


@pytest.mark.parametrize(
    'fee', ['', '0', '-1', '29,90', '31.905', 'тридцать', '1000,01', 'NaN', '1e2', '9' * 400, '٣', None, 5]
)
def test_a_sum_that_is_no_new_price_is_refused(db, ada, fee):
    with pytest.raises(InvalidForm) as refused:
        announce(ada, fee=fee)

    assert set(refused.value.errors) == {'fee'}
    assert letters_about('announced') == []


@pytest.mark.parametrize('vat', ['', '-1', '51', '2.5', 'x', None, 25])
def test_a_rate_of_vat_that_is_none_is_refused(db, ada, vat):
    with pytest.raises(InvalidForm) as refused:
        announce(ada, vat=vat)

    assert set(refused.value.errors) == {'vat_rate'}


def test_an_unknown_tariff_is_not_found(db, ada):
    for code in ('nothing', '', None, 5, 'I' * 100):
        with pytest.raises(NotFound):
            announce(ada, code=code)
        with pytest.raises(NotFound):
            shelf.get_page(code, actor=ada)


def test_the_same_announcement_again_writes_to_nobody(db, ada, anna):
    first = announce(ada)
    told = OutgoingMessage.select().count()

    assert announce(ada) == first
    assert OutgoingMessage.select().count() == told


def test_a_second_price_waits_until_the_first_has_begun(db, ada):
    announce(ada)

    with pytest.raises(PriceWaits):
        announce(ada, fee='33,90')
    with pytest.raises(PriceWaits):
        announce(ada, starts_on=FEBRUARY)


def test_every_subscriber_of_the_tariff_gets_one_letter(db, ada, anna):
    user = factories.make_user(email='two@example.by')
    twice = factories.make_subscriber(user)
    numbers = [factories.make_contract(subscriber=twice).number for _ in range(2)]
    factories.make_contract(tariff='I-200', subscriber=twice)
    factories.make_contract(status=ContractStatus.TERMINATED)

    announce(ada)

    told = letters_about('announced')
    assert {row.recipient for row in told} >= {'anna@example.by', 'two@example.by'}
    touched = (
        Contract.select(Contract.subscriber)
        .join(Tariff)
        .where((Tariff.code == 'I-100') & (Contract.status == ContractStatus.ACTIVE))
    )
    assert len(told) == len({row.subscriber_id for row in touched})
    letter = next(row for row in told if row.recipient == 'two@example.by')
    assert ' '.join(letter.subject.split()) == 'Тариф «Комфорт» с 1 января 2027 — 31,90 р.'
    assert all(number in letter.text for number in numbers)
    assert all(words in letter.text for words in ('29,90', '/my/tariff', 'бесплатно'))


def test_who_has_no_email_gets_an_sms(db, ada):
    factories.make_contract(subscriber=factories.make_subscriber(phone='+375291112233'))

    announce(ada)

    sms = [row for row in letters_about('announced') if row.channel == Channel.SMS]
    assert [row.recipient for row in sms] == ['+375291112233']
    assert '31,90' in sms[0].text


def test_who_leaves_before_the_day_is_not_told_and_who_comes_is(db, ada):
    leaving = factories.make_contract(user=factories.make_user(email='leaves@example.by'))
    coming = factories.make_contract(user=factories.make_user(email='comes@example.by'), tariff='I-200')
    later = factories.make_contract(user=factories.make_user(email='later@example.by'))
    plan(leaving, 'I-200', DECEMBER)
    plan(coming, 'I-100', DECEMBER)
    plan(later, 'I-200', FEBRUARY)

    announce(ada)

    told = {row.recipient for row in letters_about('announced')}
    assert 'leaves@example.by' not in told
    assert {'comes@example.by', 'later@example.by'} <= told


def plan(contract, to, on):
    return TariffChange.create(
        contract=contract,
        old_tariff=contract.tariff,
        new_tariff=factories.make_tariff(to),
        effective_on=on,
        state=TariffChangeState.PLANNED,
        form_key=factories.key(),
        created_at=now(),
    )


def test_who_has_the_bundle_reads_that_its_price_stays(db, ada):
    user = factories.make_user(email='bundle@example.by')
    contract = factories.make_contract(user=user, tv_package='T-BASE')

    announce(ada)

    letter = next(row for row in letters_about('announced') if row.recipient == 'bundle@example.by')
    assert '38,90' in letter.text
    assert sum(line.sum for line in subscriptions.load(contract).month_lines(JANUARY)) == BYN('38.90')


def test_many_letters_take_few_statements(db, ada, monkeypatch):
    for number in range(30):
        factories.make_contract(user=factories.make_user(email=f'many-{number}@example.by'))
    monkeypatch.setattr(letters, 'ROWS_AT_ONCE', 10)
    statements = []
    database.obj.query_hooks.append(lambda *args: statements.append(args))
    try:
        announce(ada)
    finally:
        database.obj.query_hooks.pop()

    told = letters_about('announced')
    inserts = [event for (event,) in statements if 'INTO "outgoing_message"' in event.sql]
    assert len(told) >= 30
    assert len(inserts) == -(-len(told) // 10)
    assert len(statements) < 40


def test_a_withdrawn_price_never_begins_and_is_told_once(db, ada, anna):
    price = announce(ada)
    for _ in range(2):
        withdraw(price, ada)

    assert fee_on(Tariff.get(Tariff.code == 'I-100'), FEBRUARY) == BYN('29.90')
    told = letters_about('withdrawn')
    assert [row.recipient for row in told].count('anna@example.by') == 1
    assert len(told) == len(letters_about('announced'))
    actions = [line.action for line in AuditEvent.select().order_by(AuditEvent.id)]
    assert [action for action in actions if action.startswith('price.')] == ['price.announce', 'price.withdraw']
    view = shelf.get_page('I-100', actor=ada)
    assert (view.waiting, [each.is_withdrawn for each in view.prices]) == (None, [True])
    announce(ada, fee='30,90')


def test_a_price_in_force_is_not_taken_back(db, ada):
    begun = price_since(today(), '31.90', ada)

    for wrong in (begun.id, 10**6, None, 'x', True):
        with pytest.raises(NotFound):
            price_changes.withdraw(wrong, actor=ada)
    assert fee_on(Tariff.get(Tariff.code == 'I-100'), today()) == BYN('31.90')


def test_every_coming_charge_shows_the_coming_price(db, ada, anna):
    announce(ada)
    contract = Contract.get(Contract.number == '100001')

    snapshot = subscriptions.load(contract)
    fees = [snapshot.tariff_on(month).fee for month in (DECEMBER, JANUARY, FEBRUARY)]
    quote = tariff_changes.quote('I-200', '2027-02-15', actor=anna).quote

    assert fees == [BYN('29.90'), BYN('31.90'), BYN('31.90')]
    shown = tariff_sums(quote.steps)
    assert (shown[DECEMBER], shown[JANUARY], shown[FEBRUARY]) == tuple(fees)
    assert billing.next_charge(contract).lines[0].sum == BYN('29.90')


def test_a_quote_from_before_the_announcement_is_asked_again(db, ada, anna):
    shown = tariff_changes.quote('I-200', '2027-02-01', actor=anna)
    announce(ada)

    with pytest.raises(QuoteChanged):
        tariff_changes.execute(shown.id, factories.key(), actor=anna)


def test_the_month_is_charged_by_the_price_of_its_first(db, ada, travel):
    contract = factories.make_contract(balance=BYN('500'))
    announce(ada)

    travel('2027-01-01 00:30')
    assert (billing.charge_month(contract, DECEMBER), billing.charge_month(contract, JANUARY)) == (
        BYN('29.90'),
        BYN('31.90'),
    )


def test_a_discount_is_counted_from_the_price_of_its_month(db, ada):
    contract = factories.make_contract()
    Discount.create(contract=contract, kind='months_percent', percent=30, first_month=DECEMBER, last_month=FEBRUARY)
    announce(ada, fee='40,00')

    months = [subscriptions.load(contract).month_lines(month) for month in (DECEMBER, JANUARY, date(2027, 3, 1))]
    assert [lines[0].sum for lines in months] == [BYN('20.93'), BYN('28.00'), BYN('40.00')]


def test_which_tariff_is_cheaper_is_asked_by_the_prices_of_the_day(db, ada, anna):
    announce(ada, fee='21,00', code='I-200')

    now_, then = (tariff_changes.quote('I-200', when, actor=anna).quote for when in ('now', '2027-01-01'))

    assert [line.code for line in now_.charges] == ['I-200']
    assert 'F-DOWN' in [line.code for step in then.steps for line in step.lines]


def test_the_constructor_sells_at_the_price_of_its_day(db, ada, travel):
    announce(ada, vat='20')

    def offer():
        return constructor.make_offer('minsk', {'internet': ['I-100']}, address='192.0.2.1')

    assert (offer().quote.monthly, offer().tariff.coming.fee) == (BYN('29.90'), BYN('31.90'))
    travel('2027-01-01 00:00')
    assert (offer().quote.monthly, offer().tariff.coming) == (BYN('31.90'), None)
    assert [(part.rate, part.sum) for part in offer().quote.vat] == [(20, BYN('5.32'))]


def test_a_bundle_that_is_no_cheaper_any_more_is_not_offered(db, ada, travel):
    announce(ada, fee='25,00')
    query = {'internet': ['I-100'], 'tv': ['T-BASE']}

    before = constructor.make_offer('minsk', query, address='192.0.2.1').quote
    travel('2027-01-01 00:00')
    after = constructor.make_offer('minsk', query, address='192.0.2.1').quote

    assert (before.bundle_discount, before.monthly) == (BYN('3.90'), BYN('38.90'))
    assert (after.bundle_discount, after.monthly) == (BYN('0.00'), BYN('37.90'))


def test_a_contract_is_signed_with_the_price_to_come(db, ada):
    announce(ada)
    contract = factories.make_contract(application=factories.make_application())

    terms = contract_terms.terms_of(contract, contract.application)

    assert [(price.name, price.sum) for price in terms.monthly] == [
        ('Интернет «Комфорт», с 01.01.2027 — 31,90 р.', BYN('29.90'))
    ]


def test_the_overview_says_the_coming_price(db, ada, anna, boris):
    announce(ada)

    (coming,) = overview.get_overview(actor=anna).coming_prices
    assert (coming.name, coming.on, coming.fee, coming.is_dearer) == (
        'Интернет «Комфорт»', JANUARY, BYN('31.90'), True,
    )  # fmt: skip
    assert overview.get_overview(actor=boris).coming_prices == ()


def test_the_overview_is_silent_about_a_tariff_that_is_left_before(db, ada, anna):
    plan(Contract.get(Contract.number == '100001'), 'I-200', next_month(today()))
    announce(ada)

    assert overview.get_overview(actor=anna).coming_prices == ()
