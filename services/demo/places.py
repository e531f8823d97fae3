"""Towns, offices and buildings of the demo (DOMAIN §6.6): addresses are placeholders, never to be called or visited."""

from models.region import Building, CoverageStatus, HouseKind, Office, OfficeKind, Region, Technology
from services.offers.regions import forget

REGIONS = (
    ('minsk', 'Минск', 'в Минске'),
    ('zaslavl', 'Заславль', 'в Заславле'),
    ('borisov', 'Борисов', 'в Борисове'),
    ('molodechno', 'Молодечно', 'в Молодечно'),
    ('soligorsk', 'Солигорск', 'в Солигорске'),
)

OFFICES = (
    (
        'minsk', OfficeKind.OFFICE, 'ул. Демонстрационная, 1', 'Пн–Пт 9:00–20:00, Сб 10:00–16:00', '+375172828555',
        53.9023, 27.5619, 'minsk-1.svg',
        ('Метро «Центральная», 4 минуты. По улице Демонстрационной на восток, через проспект Примерный; '
        'второй дом справа после перекрёстка. Вход с улицы, есть пандус.'),
    ),
    (
        'minsk', OfficeKind.BRANCH, 'пр-т Примерный, 25, пом. 3', 'Пн–Пт 10:00–19:00', '+375172828555',
        53.9300, 27.6500, 'minsk-2.svg',
        ('Метро «Примерная», 6 минут. По проспекту Примерному на восток; дом 25 справа, не доходя '
        'улицы Образцовой. Помещение 3 на первом этаже.'),
    ),
    (
        'zaslavl', OfficeKind.OFFICE, 'ул. Образцовая, 4', 'Пн–Пт 9:00–18:00', '+375172000001',
        54.0080, 27.2860, 'zaslavl.svg',
        ('От автостанции 3 минуты. По улице Примерной на север до перекрёстка, направо по улице Образцовой; '
        'дом 4 слева.'),
    ),
    (
        'borisov', OfficeKind.OFFICE, 'ул. Демонстрационная, 10', 'Пн–Пт 9:00–18:00', '+375177700001',
        54.2279, 28.5050, 'borisov.svg',
        ('Остановка «Площадь», 5 минут. По улице Примерной на восток до перекрёстка, направо по улице '
        'Демонстрационной; дом 10 слева.'),
    ),
    (
        'molodechno', OfficeKind.OFFICE, 'ул. Примерная, 7', 'Пн–Пт 9:00–18:00', '+375176700001',
        54.3100, 26.8500, 'molodechno.svg',
        ('От вокзала 7 минут. По улице Образцовой на юг до первого перекрёстка, налево по улице Примерной; '
        'дом 7 справа. Парковка во дворе.'),
    ),
    (
        'soligorsk', OfficeKind.OFFICE, 'ул. Образцовая, 12', 'Пн–Пт 9:00–18:00, обед 13:00–14:00', '+375174200001',
        52.7880, 27.5420, 'soligorsk.svg',
        ('Остановка «Центр», 4 минуты. По улице Образцовой на восток; дом 12 справа, не доходя проспекта '
        'Примерного.'),
    ),
)  # fmt: skip

GPON, ETHERNET = Technology.GPON, Technology.ETHERNET
STREETS: dict[str, tuple[tuple[str, str, HouseKind, tuple[Technology, ...], CoverageStatus, tuple[str, ...]], ...]] = {
    'minsk': (
        ('Минск', 'ул. Демонстрационная', HouseKind.FLAT, (GPON, ETHERNET), CoverageStatus.CONNECTED,
         ('2', '4', '6', '8', '10', '12', '12А', '14')),
        ('Минск', 'пр-т Примерный', HouseKind.FLAT, (GPON,), CoverageStatus.CONNECTED, ('21', '23', '25', '27', '29')),
        ('Минск', 'ул. Учебная', HouseKind.FLAT, (ETHERNET,), CoverageStatus.CONNECTED, ('1', '3', '5', '7')),
        ('Минск', 'ул. Новая Образцовая', HouseKind.FLAT, (GPON,), CoverageStatus.PLANNED, ('1', '2', '3')),
        ('аг. Примерный', 'ул. Садовая', HouseKind.PRIVATE, (GPON,), CoverageStatus.CONNECTED,
         ('1', '3', '5', '7', '9', '11')),
    ),
    'zaslavl': (
        ('Заславль', 'ул. Образцовая', HouseKind.FLAT, (GPON,), CoverageStatus.CONNECTED, ('2', '4', '6')),
        ('Заславль', 'ул. Полевая', HouseKind.PRIVATE, (GPON,), CoverageStatus.CONNECTED, ('1', '2', '3', '4')),
        ('д. Луговая', 'ул. Центральная', HouseKind.VILLAGE, (Technology.WIRELESS, Technology.SATELLITE),
         CoverageStatus.CONNECTED, ('5', '7', '9')),
    ),
    'borisov': (
        ('Борисов', 'ул. Демонстрационная', HouseKind.FLAT, (GPON, ETHERNET), CoverageStatus.CONNECTED, ('8', '10')),
        ('д. Речная', 'ул. Береговая', HouseKind.VILLAGE, (Technology.WIRELESS, Technology.SATELLITE),
         CoverageStatus.CONNECTED, ('1', '3')),
    ),
    'molodechno': (
        ('Молодечно', 'ул. Примерная', HouseKind.FLAT, (ETHERNET,), CoverageStatus.CONNECTED, ('5', '7', '9')),
    ),
    'soligorsk': (
        ('Солигорск', 'ул. Образцовая', HouseKind.FLAT, (ETHERNET,), CoverageStatus.CONNECTED, ('10', '12', '14')),
    ),
}  # fmt: skip


def fill() -> None:
    """Write regions, offices and buildings."""
    regions = {
        slug: Region.create(slug=slug, name=name, name_where=where, position=position)
        for position, (slug, name, where) in enumerate(REGIONS)
    }
    for position, (slug, kind, address, hours, phone, latitude, longitude, scheme, directions) in enumerate(OFFICES):
        Office.create(
            region=regions[slug], kind=kind, address=address, hours=hours, phone=phone, latitude=latitude,
            longitude=longitude, scheme=scheme, directions=directions, position=position,
        )  # fmt: skip
    for slug, streets in STREETS.items():
        for locality, street, house_kind, technologies, status, houses in streets:
            for house in houses:
                Building.create(
                    region=regions[slug], locality=locality, street=street, house=house, house_kind=house_kind,
                    technologies=list(technologies), status=status,
                    free_ports=8 if status == CoverageStatus.CONNECTED else 0,
                    has_digital_tv=house_kind != HouseKind.VILLAGE,
                )  # fmt: skip
    forget()
