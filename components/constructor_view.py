"""The constructor as groups of big cards. Draws the offer it is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from components.house_words import other_kind, tariff_refusal, tv_refusal
from components.i18n import _, long_date, money, speed
from components.offer_words import channels, house_words, why
from models.catalogue import AddOnKind, EquipmentKind, Signal
from models.region import HouseKind
from services.offers.catalogue import EquipmentCard, TariffCard, TvCard
from services.offers.constructor import Offer
from services.offers.packages import (
    OWN,
    Device,
    Unavailable,
    Way,
    receivers,
    why_not_add_on,
    why_not_tariff,
    why_not_tv,
)


@dataclass(frozen=True)
class ChoiceCard:
    """One big card: `price` are ready words, `is_possible` False shows it switched off with the reason in `note`."""

    value: str
    title: str
    note: str = ''
    price: str = ''
    is_chosen: bool = False
    is_possible: bool = True


@dataclass(frozen=True)
class ChoiceGroup:
    """A fieldset of cards: radio buttons, or ticks."""

    name: str
    legend: str
    cards: tuple[ChoiceCard, ...]
    hint: str = ''
    type: str = 'radio'


def groups(offer: Offer) -> list[ChoiceGroup]:
    """Return the constructor from top to bottom."""
    return [
        _houses(offer),
        _tariffs(offer),
        _television(offer),
        _routers(offer),
        *_receivers(offer),
        _add_ons(offer),
    ]


def _houses(offer: Offer) -> ChoiceGroup:
    hints = {
        HouseKind.FLAT: _('Кабель или оптика уже в подъезде'),
        HouseKind.PRIVATE: _('Проведём оптику от столба'),
        HouseKind.VILLAGE: _('Антенна на крыше, кабель не нужен'),
    }
    cards = []
    for house in HouseKind:
        possible = any(why_not_tariff(t, offer.region.slug, house) is None for t in offer.catalogue.tariffs)
        note = hints[house] if possible else why(Unavailable.NOT_IN_REGION, _(offer.region.name_where))
        if offer.place and offer.place.kind != house:
            possible, note = False, other_kind()
        cards.append(ChoiceCard(house, house_words(house), note, '', offer.package.house == house, possible))
    return ChoiceGroup('house', _('Дом'), tuple(cards))


def _tariffs(offer: Offer) -> ChoiceGroup:
    cards = []
    for tariff in offer.catalogue.tariffs:
        if not tariff.is_for_house(offer.package.house):
            continue
        reason = why_not_tariff(tariff, offer.region.slug, offer.package.house)
        refusal = why(reason, _(offer.region.name_where)) if reason else tariff_refusal(tariff, offer.place)
        cards.append(
            ChoiceCard(
                tariff.code,
                f'{_(tariff.name)}, {speed(tariff.down_kbit)}',
                refusal or _tariff_note(tariff),
                money(tariff.monthly_fee),
                offer.package.tariff == tariff.code,
                not refusal,
            )
        )
    return ChoiceGroup('internet', _('Интернет'), tuple(cards), _('Цена за месяц, с НДС.'))


def _tariff_note(tariff: TariffCard) -> str:
    connection = (
        _('Подключение {sum}').format(sum=money(tariff.connection_fee))
        if tariff.connection_fee
        else _('Подключение бесплатно')
    )
    if tariff.coming is None:
        return f'{_(tariff.description)} {connection}'
    later = _('С {day} — {fee}').format(day=long_date(tariff.coming.since), fee=money(tariff.coming.fee))
    return f'{_(tariff.description)} {connection}. {later}'


def _television(offer: Offer) -> ChoiceGroup:
    chosen, house = offer.package.tv, offer.package.house
    cards = [ChoiceCard('none', _('Без ТВ'), '', money(Decimal(0)), chosen is None)]
    refused: set[Unavailable] = set()
    for tv in offer.catalogue.tv:
        reason = why_not_tv(tv, house)
        if reason:
            refused.add(reason)
            continue
        refusal, title = tv_refusal(tv, offer.place), _tv_title(tv, house)
        note = refusal or _tv_note(tv, offer)
        cards.append(ChoiceCard(tv.code, title, note, money(tv.monthly_fee), chosen == tv.code, not refusal))
    hints = {
        Unavailable.NO_DISH_ON_FLATS: _('В квартире — цифровое. Спутниковую антенну ставим только на отдельный дом.'),
        Unavailable.ONLY_SATELLITE: _('Здесь — спутниковое: кабеля для цифрового ТВ в деревне нет.'),
    }
    hint = ' '.join(hints[reason] for reason in refused) or _('Цифровое по нашему кабелю или спутниковое с антенной.')
    return ChoiceGroup('tv', _('ТВ'), tuple(cards), hint)


def _tv_title(tv: TvCard, house: HouseKind) -> str:
    title = f'{_(tv.name)}, {channels(tv.channels)}'
    if house != HouseKind.PRIVATE or tv.signal == Signal.SATELLITE:
        return title  # one kind of signal only, or its name says it
    return _('{title}, цифровое').format(title=title)


def _tv_note(tv: TvCard, offer: Offer) -> str:
    bundle = offer.catalogue.find_bundle(offer.package.tariff, tv.code)
    if bundle is None:
        return _(tv.description)
    saved = offer.tariff.monthly_fee + tv.monthly_fee - bundle.monthly_fee
    cheaper = _('Вместе с «{tariff}» дешевле на {saved}').format(tariff=_(offer.tariff.name), saved=money(saved))
    return f'{_(tv.description)} {cheaper}'


def _routers(offer: Offer) -> ChoiceGroup:
    models = offer.catalogue.of_kind(EquipmentKind.ROUTER)
    own = ChoiceCard(
        OWN,
        _('Свой роутер'),
        _('Подойдёт любой с портом WAN; мастер настроит.'),
        money(Decimal(0)),
        offer.package.router is None,
    )
    hint = _('Оптический терминал, если он нужен в вашем доме, даём бесплатно на время договора.')
    return ChoiceGroup('equipment', _('Оборудование'), (own, *_device_cards(models, offer.package.router)), hint)


def _receivers(offer: Offer) -> list[ChoiceGroup]:
    tv = offer.catalogue.find_tv(offer.package.tv) if offer.package.tv else None
    models = receivers(offer.catalogue, tv)
    if tv is None or not models:
        return []
    is_dish = tv.signal == Signal.SATELLITE
    own = ChoiceCard(
        OWN,
        _('Свой спутниковый комплект') if is_dish else _('Приставка не нужна'),
        _('Антенна и приёмник уже есть.') if is_dish else _('Телевизор умеет сам или приставка уже есть.'),
        money(Decimal(0)),
        offer.package.receiver is None,
    )
    hint = '' if is_dish else _('Одна приставка — на один телевизор.')
    legend = _('Чем принимать спутник') if is_dish else _('ТВ-приставка')
    return [ChoiceGroup('receiver', legend, (own, *_device_cards(models, offer.package.receiver)), hint)]


def _device_cards(models: Sequence[EquipmentCard], chosen: Device | None) -> list[ChoiceCard]:
    cards = []
    for model in models:
        fee = _('Установка {sum}').format(sum=money(model.installation_fee)) if model.installation_fee else ''
        for way, price in ((Way.RENT, model.rent_fee), (Way.BUY, model.buy_price)):
            if price is None:
                continue
            term = _('Цена за месяц.') if way == Way.RENT else _('Цена один раз.')
            title = _('{name}: аренда') if way == Way.RENT else _('{name}: покупка')
            cards.append(
                ChoiceCard(
                    f'{model.code}:{way}',
                    title.format(name=_(model.name)),
                    f'{term} {fee}'.strip(),
                    money(price),
                    chosen == Device(model.code, way),
                )
            )
    return cards


def _add_ons(offer: Offer) -> ChoiceGroup:
    cards = []
    for card in offer.catalogue.add_ons:
        if not card.in_constructor:
            continue
        reason = why_not_add_on(AddOnKind(card.kind), offer.package.tv)
        note = why(reason, _(offer.region.name_where)) if reason else _(card.description)
        is_chosen = card.code in offer.package.add_ons
        cards.append(ChoiceCard(card.code, _(card.name), note, money(card.price), is_chosen, reason is None))
    return ChoiceGroup(
        'addons', _('Дополнительно'), tuple(cards), _('Ничего из этого не включаем без вас. Цена за месяц.'), 'checkbox'
    )
