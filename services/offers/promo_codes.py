"""Промокоды: one effect, checked against its limits; reserved by an application, redeemed by its activation.

A wrong code is answered the same way whichever other codes exist, and guesses are counted by address.
"""

import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from peewee import fn

from models.application import Application, Redemption, RedemptionState
from models.base import is_postgres
from models.catalogue import PromoCode
from models.contract import Contract, ContractStatus, Subscriber
from services import field_rules, limits
from services.clock import now, today
from services.errors import N_, InvalidField, TooManyRequests
from services.offers.catalogue import TariffCard
from services.offers.spellings import fold
from services.quotes.monthly import PromoEffect
from services.rate_limits import network, refuse_if_spent, spend
from services.runner import transactional

MOST_GUESSES, GUESS_WINDOW = limits.rate('promo_guesses')
_LOOK_ALIKES = str.maketrans('АВЕКМНОРСТУХЗІЅЈ', 'ABEKMHOPCTYX3ISJ')
_SOUNDS = str.maketrans({'Д': 'D', 'Г': 'G', 'И': 'I', 'Л': 'L', 'Б': 'B', 'Ф': 'F', 'Ц': 'C', 'Я': 'YA', 'Ю': 'YU'})
"""«ДОМ50» is DOM50: a letter without a Latin twin is written as it sounds."""
_KIND_OF_PLACE = re.compile(
    r'\b(улица|ул|проспект|пр-т|пр|переулок|пер|бульвар|б-р|город|г|деревня|д|агрогородок|аг|поселок|пос|п)\b\.?'
)


@dataclass(frozen=True)
class PromoPlace:
    """Where a code is to be used: region, tariff, and the house once it is known."""

    region: str
    tariff: TariffCard
    address_key: str = ''


def normalise(typed: object) -> str:
    """Return a code as it is stored: capitals, Latin, no spaces or dashes; empty when it cannot be a code.

    «дом50», «ДОМ-50» and «DOM50» are the same code.
    """
    wanted = field_rules.rule('promo_code')
    text = unicodedata.normalize('NFKC', wanted.brought(typed)).upper()
    text = re.sub(r'[\s\-–—_.«»"\']', '', text).translate(_LOOK_ALIKES).translate(_SOUNDS)
    return text if wanted.fits(text) else ''


def address_key(*parts: str) -> str:
    """Return one spelling of a house and flat: «ул. Мира, 5» and «улица мира 5» must not be two addresses, nor must a
    Latin «M» in it make a second one.
    """
    text = fold(' '.join(parts))
    text = re.sub(
        r'\b(улица|ул|проспект|пр-т|пр|переулок|пер|бульвар|б-р|город|г|деревня|д|аг|агрогородок)\b\.?', ' ', text
    )
    return '|'.join(re.findall(r'\w+', text))[:200]


def check(typed: str, place: PromoPlace, *, address: str) -> PromoEffect:
    """Return what a code does for this package.

    Args:
        typed: as the person wrote it.
        address: of the visitor; wrong guesses are counted against it.

    Raises:
        InvalidField: `promo`: there is no such code, or it does not fit, and why.
        TooManyRequests: too many wrong guesses from this address.
    """
    refuse_if_spent('promo', network(address), most=MOST_GUESSES, window=GUESS_WINDOW)
    promo = _find(normalise(typed))
    if promo is None:
        _count_guess(typed, network(address))
        raise InvalidField('promo', N_('Такого промокода нет. Проверьте буквы и цифры или продолжите без него.'))
    _refuse_if_unfit(promo, place)
    return _effect(promo)


def _count_guess(typed: str, place: str) -> None:
    """Count a wrong code once: it stays in its field while the constructor prices choice after choice."""
    guess = hashlib.sha256(f'{place}|{normalise(typed)}'.encode()).hexdigest()
    try:
        spend('promo-typed', guess, most=1, window=GUESS_WINDOW)
    except TooManyRequests:
        return
    spend('promo', place, most=MOST_GUESSES, window=GUESS_WINDOW)


@transactional
def reserve(application: Application, effect: PromoEffect, place: PromoPlace) -> Redemption:
    """Keep one use of the code for this application, in the transaction that creates it.

    Raises:
        InvalidField: `promo`: meanwhile the last use went to somebody else, or the code ended, or it is for new
            clients and this person is one already: that is known only now, from the phone and the address.
    """
    query = PromoCode.select().where(PromoCode.code == effect.code)
    promo = (query.for_update() if is_postgres() else query).get()
    _refuse_if_unfit(promo, place)
    if promo.new_clients_only and is_client(application):
        raise InvalidField('promo', N_('Этот промокод — для новых абонентов, а договор у вас уже есть. Уберите код.'))
    application.promo_code = promo
    application.save(only=[Application.promo_code])
    return Redemption.create(
        promo_code=promo,
        application=application,
        address_key=place.address_key,
        state=RedemptionState.RESERVED,
        effect=snapshot(effect),
        at=now(),
    )


def is_client(application: Application) -> bool:
    """Tell whether a contract runs already with the phone or the e-mail of an application, or at its address."""
    same = (Subscriber.phone == application.phone) | (Contract.address == application.address)
    if application.email:
        same |= fn.LOWER(Subscriber.email) == application.email.lower()
    running = Contract.select().join(Subscriber).where((Contract.status == ContractStatus.ACTIVE) & same)
    return bool(running.exists())


@transactional
def redeem(application_id: int) -> PromoEffect | None:
    """Use the reserved code up: the line is activated. Returns the effect kept at the application, or None without one.

    A repeat answers the same. A released code is not given back to life.
    """
    redemption = _of(application_id)
    if redemption is None or redemption.state == RedemptionState.RELEASED:
        return None
    if redemption.state == RedemptionState.RESERVED:
        redemption.state, redemption.at = RedemptionState.REDEEMED, now()
        redemption.save()
    return effect_of(redemption.effect)


@transactional
def release(application_id: int) -> None:
    """Give the use back: the application was rejected or cancelled. Harmless when there is nothing to give back."""
    redemption = _of(application_id)
    if redemption is not None and redemption.state == RedemptionState.RESERVED:
        redemption.state, redemption.at = RedemptionState.RELEASED, now()
        redemption.save()


def snapshot(effect: PromoEffect) -> dict[str, Any]:
    """Return an effect as it is kept: money as text."""
    kept = asdict(effect)
    kept['amount'] = None if effect.amount is None else str(effect.amount)
    return kept


def effect_of(kept: dict[str, Any]) -> PromoEffect:
    """Return the effect that `snapshot` kept."""
    amount = kept.get('amount')
    return PromoEffect(**{**kept, 'amount': None if amount is None else Decimal(amount)})


def _find(code: str) -> PromoCode | None:
    if not code:
        return None
    return PromoCode.get_or_none(PromoCode.code == code)


def _of(application_id: int) -> Redemption | None:
    query = Redemption.select().where(Redemption.application == application_id)
    return (query.for_update() if is_postgres() else query).get_or_none()


def _effect(promo: Any) -> PromoEffect:
    return PromoEffect(
        code=promo.code,
        kind=str(promo.kind),
        title=promo.title,
        percent=promo.percent,
        amount=promo.amount,
        months=promo.months,
        traffic_gb=promo.traffic_gb,
    )


def _refuse_if_unfit(promo: Any, place: PromoPlace) -> None:
    if not promo.is_active:
        raise InvalidField('promo', N_('Этот промокод больше не действует.'))
    if promo.valid_from and today() < promo.valid_from:
        raise InvalidField('promo', N_('Этот промокод начнёт действовать {day}.'), day=promo.valid_from)
    if promo.valid_until and today() > promo.valid_until:
        raise InvalidField('promo', N_('Срок этого промокода вышел {day}.'), day=promo.valid_until)
    if promo.regions and place.region not in promo.regions:
        raise InvalidField('promo', N_('В вашем городе этот промокод не действует.'))
    if promo.tariffs and place.tariff.code not in promo.tariffs:
        raise InvalidField('promo', N_('Этот промокод не для тарифа «{tariff}».'), tariff=place.tariff.name)
    if promo.least_down_kbit and place.tariff.down_kbit < promo.least_down_kbit:
        least = promo.least_down_kbit // 1000
        raise InvalidField('promo', N_('Этот промокод — для тарифов от {least} Мбит/с.'), least=least)
    taken = Redemption.select().where((Redemption.promo_code == promo) & (Redemption.state != RedemptionState.RELEASED))
    if promo.most_uses is not None and taken.count() >= promo.most_uses:
        raise InvalidField('promo', N_('Этот промокод уже использовали нужное число раз.'))
    here = taken.where(Redemption.address_key == place.address_key)
    if promo.once_per_address and place.address_key and here.exists():
        raise InvalidField('promo', N_('По этому адресу промокод уже использован.'))
