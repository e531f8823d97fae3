"""An offer in words: what was chosen, what had to be changed, what a promo code does in money."""

from datetime import date

from components.i18n import _, error_text, long_date, money, plural, speed
from models.catalogue import PromoKind
from models.region import HouseKind
from services.offers.catalogue import Catalogue
from services.offers.constructor import Offer
from services.offers.packages import Device, Unavailable, Way
from services.quotes.connection import ConnectionQuote


def house_words(house: HouseKind) -> str:
    """Return the kind of house as people call it."""
    words = {
        HouseKind.FLAT: _('Квартира'),
        HouseKind.PRIVATE: _('Частный дом'),
        HouseKind.VILLAGE: _('Дом в деревне, дача'),
    }
    return words[house]


def notes(offer: Offer) -> list[str]:
    """Return what of the asked package had to be changed, in words."""
    words = {
        'house': _('Показываем то, что подключаем {where}.').format(where=_(offer.region.name_where)),
        'internet': _('Такого тарифа здесь нет, поэтому выбран «{tariff}».').format(tariff=_(offer.tariff.name)),
        'tv': _('Это телевидение сюда не провести, поэтому пакет пока без него.'),
        'equipment': _('Такого оборудования нет в продаже, поэтому выбрано своё.'),
        'addons': _('Часть дополнительных услуг к этому пакету не подходит, мы их убрали.'),
    }
    return [words[name] for name in offer.chosen.changed if name in words]


def in_quotes(name: str) -> str:
    """Return the name of what is sold in the language and the quotation marks of the page."""
    return _('«{name}»').format(name=_(name))


def readback(offer: Offer) -> list[tuple[str, str]]:
    """Return the package in pairs (what, which) for the application form and the tracker."""
    package, catalogue, tariff = offer.package, offer.catalogue, offer.tariff
    tv = catalogue.find_tv(package.tv) if package.tv else None
    devices = [_device_words(catalogue, device) for device in (package.router, package.receiver) if device]
    add_ons = [_(card.name) for code in package.add_ons if (card := catalogue.find_add_on(code))]
    rows = [
        (_('Дом'), f'{house_words(package.house)}, {_(offer.region.name)}'),
        (_('Интернет'), f'{in_quotes(tariff.name)}, {speed(offer.quote.down_kbit)}'),
        (_('ТВ'), f'{in_quotes(tv.name)}, {channels(tv.channels)}' if tv else _('без ТВ')),
        (_('Оборудование'), ', '.join(devices) or _('своё')),
    ]
    return [*rows, (_('Дополнительно'), ', '.join(add_ons))] if add_ons else rows


def promo_words(offer: Offer) -> str:
    """Return the exact effect of the promo code in money, or why there is none; empty without a code."""
    if offer.promo_error is not None:
        return error_text(offer.promo_error)
    promo, quote = offer.quote.promo, offer.quote
    if promo is None:
        return ''
    if promo.kind == PromoKind.CONNECTION_PERCENT:
        return _connection_words(offer, quote)
    if promo.kind == PromoKind.SPEED:
        return _('{fast} вместо {usual} на {months}. Цена не меняется.').format(
            fast=speed(quote.down_kbit), usual=speed(offer.tariff.down_kbit), months=_months(quote.promo_months)
        )
    if promo.kind == PromoKind.TRAFFIC:
        return _('+{gb} ГБ в каждый из {months} подключения. Цена не меняется.').format(
            gb=quote.extra_gb, months=_of_months(quote.promo_months)
        )
    return _discount_words(quote)


def price_lock_words(offer: Offer, until: date) -> str:
    """Return which price is kept for an application sent now, and until which day."""
    quote = offer.quote
    sums = [_('{sum} в месяц').format(sum=money(quote.monthly))]
    if quote.months:
        sums.append(
            _('с {number}-го месяца {sum}').format(number=quote.promo_months + 1, sum=money(quote.monthly_later))
        )
    if quote.once:
        sums.append(_('{sum} за подключение').format(sum=money(quote.once)))
    return _('Закрепим за вами до {day}: {sums}').format(day=long_date(until), sums=', '.join(sums))


def _connection_words(offer: Offer, quote: ConnectionQuote) -> str:
    if not quote.saved:
        return _('Подключение этого тарифа и так бесплатное: промокод ничего не меняет.')
    fee = offer.tariff.connection_fee
    return _('Подключение {now} вместо {usual}: дешевле на {saved}').format(
        now=money(fee - quote.saved), usual=money(fee), saved=money(quote.saved)
    )


def _discount_words(quote: ConnectionQuote) -> str:
    text = _(
        'На {months}: {now} в месяц вместо {usual}, всего дешевле на {saved} — и неполный первый месяц тоже со скидкой.'
    )
    return text.format(
        now=money(quote.monthly),
        usual=money(quote.monthly_later),
        months=_months(quote.promo_months),
        saved=money(quote.saved),
    )


def _months(number: int) -> str:
    return plural(number, 'месяц', 'месяца', 'месяцев')


def _of_months(number: int) -> str:
    return plural(number, 'месяца', 'месяцев', 'месяцев')


def channels(number: int) -> str:
    """Return «75 каналов»."""
    return plural(number, 'канал', 'канала', 'каналов')


def why(reason: Unavailable, where: str) -> str:
    """Return why something cannot be chosen; `where` is the town, «в Минске»."""
    words = {
        Unavailable.NOT_IN_REGION: _('Пока не подключаем {where}').format(where=where),
        Unavailable.NOT_FOR_FLAT: _('Не для квартиры'),
        Unavailable.NOT_FOR_PRIVATE: _('Не для частного дома'),
        Unavailable.NOT_FOR_VILLAGE: _('Не для деревни'),
        Unavailable.NO_DISH_ON_FLATS: _('Антенну ставим только на отдельный дом'),
        Unavailable.ONLY_SATELLITE: _('Кабеля для цифрового ТВ здесь нет'),
        Unavailable.NEEDS_TV: _('К ТВ-пакету: выберите его выше'),
    }
    return words[reason]


def _device_words(catalogue: Catalogue, device: Device) -> str:
    card = catalogue.find_equipment(device.code)
    way = _('аренда') if device.way == Way.RENT else _('покупка')
    return f'{_(card.name) if card else device.code} ({way})'
