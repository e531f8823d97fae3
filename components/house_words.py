"""A house in words: what comes into it, whether there is room, why something is not sold there."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from components.i18n import _, language
from components.languages import prefix
from models.region import HouseKind, Technology
from services.offers.at_house import NotHere, why_not_tariff_here, why_not_tv_here
from services.offers.catalogue import TariffCard, TvCard
from services.offers.constructor import Offer
from services.offers.houses import HouseView, Verdict
from services.offers.packages import why_not_tariff


@dataclass(frozen=True)
class VerdictWords:
    """How a verdict is shown: kind and word of a badge, and a sentence."""

    kind: str
    word: str
    sentence: str


@dataclass(frozen=True)
class PlaceWords:
    """The chosen house on the constructor: `waiting` and `without` are addresses: its waiting list, the same package
    without the house."""

    verdict: VerdictWords
    facts: list[tuple[str, str]]
    waiting: str
    without: str


def place_words(offer: Offer) -> PlaceWords | None:
    """Return the house of an offer in words, None when none was chosen."""
    house = offer.place
    if house is None:
        return None
    typed = urlencode({'town': house.locality, 'street': house.street, 'house': house.house})
    without, town = replace(offer.package, building=None).query, f'{prefix(language())}/{house.region}'
    return PlaceWords(
        verdict=verdict_words(house),
        facts=facts_of(house),
        waiting=f'{town}/address/?{typed}#waiting',
        without=f'{town}/packets-constructor/?{without}',
    )


def refusal_words(offer: Offer) -> str:
    """Return why nothing of ours fits the house that was asked for, '' when something does."""
    house, region = offer.refused, offer.region
    if house is None:
        return ''
    if any(why_not_tariff(tariff, region.slug, house.kind) is None for tariff in offer.catalogue.tariffs):
        lines = ', '.join(line_words(line) for line in house.lines)
        return _('Линия здесь — «{lines}», а тарифа для неё у нас нет.').format(lines=lines)
    return _('Для таких домов тарифов {where} у нас пока нет.').format(where=_(region.name_where))


def verdict_words(house: HouseView) -> VerdictWords:
    """Return what we can promise for a house."""
    if house.verdict == Verdict.OPEN:
        few = _('Линия заведена, свободных мест осталось немного.')
        return VerdictWords('good', _('Подключаем'), few if house.is_nearly_full else _('Линия заведена, место есть.'))
    words = {
        Verdict.FULL: VerdictWords(
            'attention', _('Сейчас мест нет'), _('Линия заведена, но свободных мест нет. Сообщим, когда появятся.')
        ),
        Verdict.PLANNED: VerdictWords(
            'attention', _('Подключим позже'), _('Дом в плане, линию ещё не завели. Сообщим, когда будет готова.')
        ),
        Verdict.NOT_COVERED: VerdictWords(
            'neutral', _('Пока не подключаем'), _('Нашей линии в этом доме нет, и в план он пока не попал.')
        ),
    }
    return words[house.verdict]


def line_words(line: Technology) -> str:
    """Return a technology as people know it."""
    words = {
        Technology.GPON: _('оптика до квартиры'),
        Technology.ETHERNET: _('кабель до квартиры'),
        Technology.WIRELESS: _('радиоканал, антенна на крыше'),
        Technology.SATELLITE: _('спутниковая антенна'),
    }
    return words[line]


def lines_words(house: HouseView) -> str:
    """Return all that comes into a house: «Оптика до дома»."""
    own = {Technology.GPON: _('оптика до дома'), Technology.ETHERNET: _('кабель до дома')}
    special = {} if house.kind == HouseKind.FLAT else own
    names = [special.get(line, line_words(line)) for line in house.lines]
    return ', '.join(names).capitalize()


def television_words(house: HouseView) -> str:
    """Return which television is possible."""
    if house.kind == HouseKind.VILLAGE:
        return _('Спутниковое')
    if house.kind == HouseKind.FLAT:
        return _('Цифровое') if house.has_digital_tv else _('Пока нет')
    return _('Цифровое или спутниковое') if house.has_digital_tv else _('Спутниковое')


def facts_of(house: HouseView) -> list[tuple[str, str]]:
    """Return pairs (what, which) for a card."""
    line = _('Линия') if house.verdict in {Verdict.OPEN, Verdict.FULL} else _('Какая линия будет')
    return [(line, lines_words(house) or _('пока не решено')), (_('ТВ'), television_words(house))]


def other_kind() -> str:
    """Say why a kind of house cannot be chosen beside an address."""
    return _('По вашему адресу — другой дом')


def tariff_refusal(tariff: TariffCard, house: HouseView | None) -> str:
    """Return why a tariff is not sold at a house, '' when it is."""
    if house is None or why_not_tariff_here(tariff, house) is None:
        return ''
    needed = _(' или ').join(line_words(Technology(line)) for line in tariff.technologies)
    return _('В вашем доме не подключить: нужна линия «{needed}»').format(needed=needed)


def tv_refusal(tv: TvCard, house: HouseView | None) -> str:
    """Return why a TV package is not sold at a house, '' when it is."""
    words = {NotHere.NO_DIGITAL_TV: _('В вашем доме цифрового ТВ пока нет'), NotHere.OTHER_LINE: ''}
    reason = why_not_tv_here(tv, house)
    return words[reason] if reason else ''
