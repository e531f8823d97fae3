"""Tariffs in words of the public pages: where they can be had, what a speed means, what traffic costs."""

from components.i18n import NBSP, RUBLES, _, figure, language, speed
from models.region import HouseKind
from services.offers.catalogue import TariffCard
from services.offers.showcase import film_seconds

LONGEST_IN_SECONDS = 90


def house_words(kinds: tuple[str, ...]) -> str:
    """Say where a tariff can be connected: «В квартиру», «В квартиру или частный дом»."""
    words = {HouseKind.FLAT: _('квартиру'), HouseKind.PRIVATE: _('частный дом'), HouseKind.VILLAGE: _('дом за городом')}
    return _('В {houses}').format(houses=_(' или ').join(words[HouseKind(kind)] for kind in kinds or HouseKind))


def film_words(down_kbit: int) -> str:
    """Say what a speed means in a thing people know."""
    seconds = film_seconds(down_kbit)
    if seconds <= LONGEST_IN_SECONDS:
        return _('Фильм на 5 ГБ — {seconds} секунд').format(seconds=seconds)
    return _('Фильм на 5 ГБ — {minutes} мин').format(minutes=round(seconds / 60))


def mbits(kbit: int) -> str:
    """Return the number of a speed without its unit: «100», «12,5»."""
    return speed(kbit).partition(NBSP)[0]


def per_megabyte(overage: tuple[tuple[int | None, str], ...]) -> str:
    """Return the first step of the price above the quota, in rubles with all its digits: «0,0031 р.»."""
    return f'{figure(overage[0][1])}{NBSP}{RUBLES[language()]}'


def traffic_words(tariff: TariffCard) -> str:
    """Say how much traffic a tariff has, and what comes after it."""
    if tariff.quota_gb is None:
        return _('Без ограничений')
    quota = f'{tariff.quota_gb}{NBSP}{_("ГБ")}'
    if tariff.speed_after_quota_kbit:
        return _('{quota}, дальше {speed}').format(quota=quota, speed=speed(tariff.speed_after_quota_kbit))
    return _('{quota}, дальше {price} за МБ').format(quota=quota, price=per_megabyte(tariff.overage))
