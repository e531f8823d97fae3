"""Two prices side by side, in words: with and without a promo code, with one tariff and with another."""

from dataclasses import dataclass

from components.i18n import _, error_text, money, speed
from components.offer_words import in_quotes
from services.offers.catalogue import TariffCard
from services.offers.comparison import Offers, comparable
from services.offers.constructor import Offer
from services.quotes.promo_changes import ChangeKind, PromoChange

Row = tuple[str, str, str]
"""What it is, then the two values in words."""


@dataclass(frozen=True)
class ComparisonTable:
    """`options` are what can be compared with (value, words), `value` what is; no rows while there is nothing."""

    options: tuple[tuple[str, str], ...]
    value: str = ''
    names: tuple[str, str] = ('', '')
    rows: tuple[Row, ...] = ()
    words: str = ''
    query_of_other: str = ''


def promo_rows(offer: Offer) -> list[Row]:
    """Return what the promo code changes: (line, usually, with the code)."""
    return [(_change_title(change), *_values(change)) for change in offer.promo_changes]


def comparison(offers: Offers) -> ComparisonTable:
    """Return the tariffs that can be compared and, when one is named, both in a table."""
    offer, other = offers.chosen, offers.other
    options = tuple(
        (tariff.code, f'{in_quotes(tariff.name)}, {speed(tariff.down_kbit)}') for tariff in comparable(offer)
    )
    options = (('', _('Не сравнивать')), *options)
    if other is None:
        return ComparisonTable(options)
    return ComparisonTable(
        options,
        other.package.tariff,
        (_(offer.tariff.name), _(other.tariff.name)),
        tuple(_rows(offer, other)),
        _difference(offer, other),
        offers.query_of_other,
    )


def _change_title(change: PromoChange) -> str:
    titles = {
        ChangeKind.MONTHLY: _('{line}, в месяц'),
        ChangeKind.ONCE: _('{line}, один раз'),
        ChangeKind.SPEED: _('Скорость'),
        ChangeKind.TRAFFIC: _('Трафик в месяц'),
        ChangeKind.MONTHLY_TOTAL: _('Всего в месяц'),
    }
    return titles[change.kind].format(line=_(change.title) if change.title else '')


def _values(change: PromoChange) -> tuple[str, str]:
    if change.kind == ChangeKind.SPEED:
        return speed(int(change.before)), speed(int(change.after))
    if change.kind == ChangeKind.TRAFFIC:
        return _gb(int(change.before)), _gb(int(change.after))
    return money(change.before), money(change.after)


def _gb(number: int) -> str:
    return _('{number} ГБ').format(number=number)


def _rows(offer: Offer, other: Offer) -> list[Row]:
    pairs = [
        (_('В месяц, весь пакет'), _monthly),
        (_('Подключение и покупки, один раз'), lambda each: money(each.quote.once)),
        (_('Скорость к вам'), lambda each: speed(each.quote.down_kbit)),
        (_('Скорость от вас'), lambda each: speed(each.tariff.up_kbit)),
        (_('Трафик'), lambda each: _traffic(each.tariff, each.quote.extra_gb)),
        (_('Для чего'), lambda each: _(each.tariff.description)),
        (_('Промокод'), _promo),
    ]
    rows = [(title, value(offer), value(other)) for title, value in pairs]
    return [row for row in rows if row[1] or row[2]]


def _monthly(offer: Offer) -> str:
    quote = offer.quote
    if not quote.months:
        return money(quote.monthly)
    return _('{now}, с {number}-го месяца {later}').format(
        now=money(quote.monthly), number=quote.promo_months + 1, later=money(quote.monthly_later)
    )


def _traffic(tariff: TariffCard, extra_gb: int) -> str:
    if tariff.quota_gb is None:
        return _('без ограничений')
    quota = _gb(tariff.quota_gb + extra_gb)
    if tariff.speed_after_quota_kbit:
        return _('{quota}, дальше {slow}').format(quota=quota, slow=speed(tariff.speed_after_quota_kbit))
    return _('{quota}, дальше по мегабайтам').format(quota=quota)


def _promo(offer: Offer) -> str:
    if offer.promo_error is not None:
        return error_text(offer.promo_error)
    return _(offer.quote.promo.title) if offer.quote.promo else ''


def _difference(offer: Offer, other: Offer) -> str:
    """Say which is dearer by how much; the usual price, promo aside."""
    more = other.quote.monthly_later - offer.quote.monthly_later
    if more == 0:
        return _('По цене в месяц они одинаковы.')
    text = _('С «{name}» дороже на {sum} в месяц.') if more > 0 else _('С «{name}» дешевле на {sum} в месяц.')
    return text.format(name=_(other.tariff.name), sum=money(abs(more)))
