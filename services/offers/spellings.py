"""One key for every spelling of an address: «ул. Мира, 8 к. 1», «улица мира 8/1» and a Latin «a» in it are one house.

Nothing here guesses: two addresses with one key are the same to any person who reads them aloud.
"""

import re

_LATIN = str.maketrans('abcehkmoptxyё', 'авсенкмортхуе')
"""Small Latin letters that look like Cyrillic ones: people type with the keyboard that is switched on."""
_LETTERS = r'[^\W\d_]+'
_WORDS = re.compile(rf'{_LETTERS}|\d+')
_TOWN_KINDS = frozenset(
    ('г', 'гор', 'город', 'гп', 'д', 'дер', 'деревня', 'аг', 'агрогородок', 'п', 'пос', 'поселок', 'рп', 'с', 'село')
)
_STREET_KINDS = {
    '': ('ул', 'улица', 'вул', 'вуліца'),
    'бульвар': ('бул', 'б-р', 'бульвар'),
    'микрорайон': ('мкр', 'мкрн', 'м-н', 'микрорайон'),
    'набережная': ('наб', 'набережная'),
    'переулок': ('пер', 'переулок', 'завулак'),
    'площадь': ('пл', 'площадь', 'плошча'),
    'проезд': ('пр-д', 'проезд', 'праезд'),
    'проспект': ('пр', 'пр-т', 'просп', 'проспект', 'праспект'),
    'тракт': ('тр', 'тракт'),
    'тупик': ('туп', 'тупик'),
    'шоссе': ('ш', 'шоссе', 'шаша'),
}
_KIND_OF = {word: kind for kind, words in _STREET_KINDS.items() for word in words}
_SHORT_KIND = re.compile(r'(?<!\w)(пр-т|пр-д|б-р|м-н)(?!\w)')
_CORPUS = frozenset(('к', 'кор', 'корп', 'корпус'))
_HOUSE_WORDS = frozenset(('д', 'дом', 'номер'))


def fold(text: str) -> str:
    """Return small Cyrillic letters, ё as е."""
    return text.casefold().translate(_LATIN)


def town_words(text: str) -> tuple[str, ...]:
    """Return the words of a town without «г.», «аг.», «д.»."""
    words = _WORDS.findall(fold(text))
    named = tuple(word for word in words if word not in _TOWN_KINDS)
    return named or tuple(words)


def street_words(text: str) -> tuple[str, ...]:
    """Return the words of a street: its name, then its kind unless it is a street or was not told."""
    folded, kind, named = fold(text), '', []
    short = _SHORT_KIND.search(folded)
    if short:
        kind, folded = _KIND_OF[short[1]], folded.replace(short[1], ' ', 1)
    for word in _WORDS.findall(folded):
        if word in _KIND_OF and not (kind and _KIND_OF[word]):
            kind = _KIND_OF[word] or kind
        else:
            named.append(word)
    if not named:
        return tuple(_WORDS.findall(fold(text)))
    return (*named, kind) if kind else tuple(named)


def house_words(text: str) -> str:
    """Return the number of a house: «8 к. 1», «8к1», «8-1» and «д. 8/1» are `8/1`, «12 A» is `12а`."""
    parts = _WORDS.findall(fold(text))
    while len(parts) > 1 and parts[0] in _HOUSE_WORDS:
        parts = parts[1:]
    key = ''
    for place, part in enumerate(parts):
        is_corpus = part in _CORPUS and place + 1 < len(parts) and parts[place + 1].isdecimal()
        if part.isdecimal():
            key += ('/' if key else '') + (part.lstrip('0') or '0')
        elif not is_corpus:
            key += part
    return key


def street_key(region: str, locality: str, street: str) -> str:
    """Return the key of a street of a town in a region (slug)."""
    return f'{region}|{" ".join(town_words(locality))}|{" ".join(street_words(street))}'


def house_key(region: str, locality: str, street: str, house: str) -> str:
    """Return the key of a house."""
    return f'{street_key(region, locality, street)}|{house_words(house)}'
