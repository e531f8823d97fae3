"""The demo catalogue and promo codes (DOMAIN §6): invented values, never Amigo's real ones."""

from datetime import date
from decimal import Decimal

from models.catalogue import (
    AddOn,
    AddOnKind,
    Bundle,
    Equipment,
    EquipmentKind,
    PromoCode,
    PromoKind,
    Signal,
    Tariff,
    TvPackage,
)
from models.region import HouseKind, Technology
from services.clock import today

ETH, GPON, AIR = Technology.ETHERNET, Technology.GPON, Technology.WIRELESS
FLAT, PRIVATE, VILLAGE = HouseKind.FLAT, HouseKind.PRIVATE, HouseKind.VILLAGE

OVERAGE = [[1024, '0.0031'], [5120, '0.0021'], [None, '0.0010']]

TARIFFS = (
    # code, name, down, up, fee, connection, technologies, house kinds, regions, description
    ('I-100', 'Комфорт', 100_000, 100_000, '29.90', '0', (ETH, GPON), (FLAT,), (),
     'Фильмы на двух экранах, видеозвонки и игры — одновременно.'),
    ('I-50', 'Старт', 50_000, 50_000, '22.90', '15.00', (ETH,), (FLAT,), (),
     'Видео в хорошем качестве, музыка, учёба и почта.'),
    ('I-200', 'Драйв', 200_000, 200_000, '36.90', '0', (GPON,), (FLAT,), ('minsk', 'zaslavl', 'borisov'),
     'Четверо смотрят 4K, и никто никому не мешает.'),
    ('I-500', 'Максимум', 500_000, 250_000, '49.90', '0', (GPON,), (FLAT,), ('minsk',),
     'Большие файлы за секунды, дом, полный устройств.'),
    ('I-10G', 'Эконом 10 ГБ', 50_000, 25_000, '10.90', '15.00', (ETH,), (FLAT,), ('minsk', 'borisov'),
     '10 ГБ в месяц, дальше — по мегабайтам. Для тех, кто дома бывает редко.'),
    ('I-SOC', 'Социальный', 25_000, 12_500, '15.90', '0', (ETH, GPON), (FLAT, PRIVATE), (),
     'Для льготных категорий, нужен подтверждающий документ.'),
    ('I-HOME', 'Свой дом', 100_000, 50_000, '39.90', '150.00', (GPON,), (PRIVATE,), ('minsk', 'zaslavl'),
     'Оптика в частный дом: кабель, ввод и настройка уже в цене подключения.'),
    ('I-AIR', 'Загородный', 20_000, 5_000, '27.90', '90.00', (AIR,), (VILLAGE,), (),
     '200 ГБ на полной скорости, дальше 2 Мбит/с. Антенна на крыше, кабель не нужен.'),
)  # fmt: skip

TV = (
    ('T-SOC', 'Социальный пакет', 9, 0, Signal.DIGITAL, '3.90', 'Девять обязательных каналов.'),
    ('T-BASE', 'Базовый', 75, 0, Signal.DIGITAL, '12.90', 'Новости, кино, спорт и детские каналы.'),
    ('T-PLUS', 'Расширенный', 130, 30, Signal.DIGITAL, '17.90', 'Всё из «Базового» и 30 каналов HD.'),
    ('T-MAX', 'Максимум', 180, 55, Signal.DIGITAL, '23.90', '55 каналов HD и архив на 7 дней.'),
    ('T-SAT', 'Спутник', 90, 0, Signal.SATELLITE, '16.90', 'Там, куда кабель не дошёл.'),
)

BUNDLES = (('I-100', 'T-BASE', '38.90'), ('I-200', 'T-PLUS', '49.90'), ('I-500', 'T-MAX', '66.90'))

EQUIPMENT = (
    # code, name, kind, buy, rent, installation, price if lost
    ('R-AC', 'Роутер Wi-Fi 5 AC1200', EquipmentKind.ROUTER, '89.00', '4.50', '0', None),
    ('R-AX', 'Роутер Wi-Fi 6 AX1800', EquipmentKind.ROUTER, '159.00', '7.50', '0', None),
    ('ONT', 'Оптический терминал GPON', EquipmentKind.ONT, None, '0', '0', '110.00'),
    ('STB', 'ТВ-приставка', EquipmentKind.STB, '129.00', '5.50', '0', None),
    ('CAM', 'CAM-модуль', EquipmentKind.CAM, '79.00', '3.50', '0', None),
    ('SAT', 'Спутниковый комплект', EquipmentKind.SATELLITE, '219.00', '9.90', '60.00', None),
)

ADD_ONS = (
    # code, name, kind, price, monthly, days, factor, GB, in constructor, description
    ('A-B1', 'Ускорение ×2 на 1 день', AddOnKind.BOOST, '2.95', False, 1, 200, None, False,
     'Включается сразу, выключается само.'),
    ('A-B3', 'Ускорение ×2 на 3 дня', AddOnKind.BOOST, '3.80', False, 3, 200, None, False,
     'Включается сразу, выключается само.'),
    ('A-B7', 'Ускорение ×2 на 7 дней', AddOnKind.BOOST, '6.50', False, 7, 200, None, False,
     'Включается сразу, выключается само.'),
    ('A-IP', 'Статический IP-адрес', AddOnKind.STATIC_IP, '6.00', True, None, None, None, True,
     'Постоянный адрес для камер, серверов и удалённой работы.'),
    ('A-AV', 'Антивирус', AddOnKind.ANTIVIRUS, '2.69', True, None, None, None, True, 'Защита компьютера и телефона.'),
    ('A-FLT', 'Родительский фильтр', AddOnKind.FILTER, '2.69', True, None, None, None, True,
     'Закрывает взрослые сайты на всех домашних устройствах.'),
    ('A-T5', 'Пакет 5 ГБ', AddOnKind.TRAFFIC, '3.00', False, None, None, 5, False,
     'До конца месяца, тратится после трафика тарифа.'),
    ('A-T10', 'Пакет 10 ГБ', AddOnKind.TRAFFIC, '5.00', False, None, None, 10, False,
     'До конца месяца, тратится после трафика тарифа.'),
    ('A-SMS', 'SMS о низком балансе', AddOnKind.NOTICE, '0.28', True, None, None, None, False,
     'Предупредим заранее, чтобы интернет не пропал.'),
    ('F-CRED', 'Кредит доверия', AddOnKind.CREDIT, '1.00', True, None, None, None, False,
     'Интернет не останавливается, пока минус на счёте в пределах кредита.'),
    ('TV-KINO', 'Каналы «Кино»', AddOnKind.TV_OPTION, '5.90', True, None, None, None, True, 'Премьеры и классика.'),
    ('TV-SPORT', 'Каналы «Спорт»', AddOnKind.TV_OPTION, '5.90', True, None, None, None, True, 'Футбол, хоккей, бои.'),
    ('TV-KIDS', 'Каналы «Детский»', AddOnKind.TV_OPTION, '5.90', True, None, None, None, True, 'Мультфильмы.'),
    ('TV-KNOW', 'Каналы «Познавательный»', AddOnKind.TV_OPTION, '5.90', True, None, None, None, True,
     'Природа, наука, путешествия.'),
)  # fmt: skip


def fill() -> None:
    """Write tariffs, TV, bundles, equipment, add-ons and promo codes."""
    _fill_tariffs()
    for position, (code, name, channels, hd, signal, fee, description) in enumerate(TV):
        TvPackage.create(
            code=code, name=name, channels=channels, hd_channels=hd, signal=signal, monthly_fee=Decimal(fee),
            description=description, position=position,
        )  # fmt: skip
    for tariff, package, fee in BUNDLES:
        Bundle.create(
            tariff=Tariff.get(Tariff.code == tariff), tv_package=TvPackage.get(TvPackage.code == package),
            monthly_fee=Decimal(fee),
        )  # fmt: skip
    for position, (code, name, device, buy, rent, installation, lost) in enumerate(EQUIPMENT):
        Equipment.create(
            code=code, name=name, kind=device, buy_price=_sum(buy), rent_fee=_sum(rent),
            installation_fee=Decimal(installation), lost_price=_sum(lost), position=position,
        )  # fmt: skip
    for position, row in enumerate(ADD_ONS):
        code, name, kind, price, is_monthly, days, factor, traffic, in_constructor, description = row
        AddOn.create(
            code=code, name=name, kind=kind, price=Decimal(price), is_monthly=is_monthly, days=days,
            speed_factor=factor, traffic_gb=traffic,
            in_constructor=in_constructor, description=description, position=position,
        )  # fmt: skip
    _fill_promo_codes()


def _sum(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _fill_tariffs() -> None:
    for position, row in enumerate(TARIFFS):
        code, name, down, up, fee, connection, technologies, houses, regions, description = row
        Tariff.create(
            code=code, name=name, down_kbit=down, up_kbit=up, monthly_fee=Decimal(fee),
            connection_fee=Decimal(connection), technologies=list(technologies),
            house_kinds=list(houses), regions=list(regions),
            description=description, needs_entitlement=code == 'I-SOC', position=position,
            quota_gb={'I-10G': 10, 'I-AIR': 200}.get(code), overage=OVERAGE if code == 'I-10G' else [],
            speed_after_quota_kbit=2_000 if code == 'I-AIR' else None,
        )  # fmt: skip


def _fill_promo_codes() -> None:
    PromoCode.create(
        code='DOM50', title='−50 % на подключение', kind=PromoKind.CONNECTION_PERCENT, percent=50,
        valid_until=date(max(2026, today().year), 12, 31), most_uses=500, new_clients_only=True,
    )  # fmt: skip
    PromoCode.create(
        code='OSEN3', title='−30 % на первые 3 месяца', kind=PromoKind.MONTHS_PERCENT, percent=30, months=3,
        least_down_kbit=100_000, once_per_address=True,
    )  # fmt: skip
    PromoCode.create(
        code='START1', title='Первый месяц за 1 рубль', kind=PromoKind.FIRST_MONTHS_FIXED,
        amount=Decimal('1.00'), months=1, regions=['minsk'],
    )  # fmt: skip
    PromoCode.create(
        code='TURBO6', title='Скорость ×1,5 на 6 месяцев', kind=PromoKind.SPEED, percent=150, months=6,
        tariffs=['I-50', 'I-100'],
    )  # fmt: skip
    PromoCode.create(
        code='GIGA20', title='+20 ГБ в каждый из 3 месяцев', kind=PromoKind.TRAFFIC, traffic_gb=20, months=3,
        tariffs=['I-10G', 'I-AIR'],
    )  # fmt: skip
