"""Legal texts: a consent must be provable, so no wording changes under its version."""

import re

import pytest

from services.i18n import LANGUAGES
from services.messages.legal_texts import LegalKind, legal_text, source_fingerprint

KNOWN = {
    ('offer-1', 'ru'): '0a42af9b0b88a2c64fd58a8c6110c4cb93c0c305a33cbeeddb97bb75e4a3fb1c',
    ('privacy-1', 'ru'): '6f13cce5f9d4788ed4df565d5f5e9e6f0490c2af38f9dd3d458da65906aeee8f',
    ('privacy-2', 'ru'): 'c79a5cec79e10303f757863f76eecb056ce4fb68c1a4a7c7085738b9b4e3f805',
    ('application-1', 'ru'): '2544797a4733fa5daa8c4daac1b3341f8114ccb2ec60645420c07ef3cd86272e',
    ('marketing-1', 'ru'): 'fabb850b9ed3414a32065129a5f08ccba962696240ad4cdd22f191a64013d0b6',
    ('waiting-1', 'ru'): '8e988d49e3f11ef194585b8bba262de4571a62363671dccfef2583ee60158838',
    ('offer-1', 'be'): '9f6660e7837d3aaccff9ac6721b6d5e2dfb85f868c48da3f54b570c6b21ce219',
    ('privacy-2', 'be'): 'f7b5778f1da9d829d1d60e79d9ef774e6bdd5698cacde3f6dc266209d5eb1695',
    ('application-1', 'be'): 'eefeef664a18f497c4a1fd81d04ccfbfab702471dfb9e26bda3767c58219312b',
    ('marketing-1', 'be'): '1762b67fd1f458154cc026b0726105178cf1a5530c1df0dd764ba8d9aa6b447e',
    ('waiting-1', 'be'): '0c86dbd40c2cdcaa30e3b2fe81e910b6ee1756dd2f25d3ff6a25c1f8aa36dfa2',
    ('offer-1', 'en'): 'dc891a9836e7f0a51010fbfd1581e4d10d61bd61526ae5c675304320ca4ea7a0',
    ('privacy-2', 'en'): '58e35d87f7c98f33ece31ded6b1a1c316cc9913b011e25ca9b42444ba5cc688f',
    ('application-1', 'en'): 'e704476380cc35c2bebfb1f3d97b420229fb0f43cf3e368d5db8123b54e0ded1',
    ('marketing-1', 'en'): '35dc9134fd419b153a84413b7f538cf016a6439b7799ed95445d4da4de5e206d',
    ('waiting-1', 'en'): '6cd2c335ceb1cba4cb69eb5b13d6f35b691553bbfe96fb3dedf4604d699dbaa7',
}
"""Wording by version. After a change of a text: a new version in services/messages/legal_texts.py, a new line here."""
EVERY = [(kind, language) for kind in LegalKind for language in LANGUAGES]


@pytest.mark.parametrize(('kind', 'language'), EVERY)
def test_a_changed_wording_has_a_new_version(kind, language):
    assert KNOWN[legal_text(kind).version, language] == source_fingerprint(kind, language)


@pytest.mark.parametrize(('kind', 'language'), EVERY)
def test_a_text_names_the_company_and_its_hash_is_of_what_people_read(kind, language):
    text = legal_text(kind, language)

    assert text.language == language
    assert 'ООО «Амиго Групп»' in text.html
    assert len(text.sha256) == 64
    assert len(text.version) <= 32


@pytest.mark.parametrize(('kind', 'language'), [each for each in EVERY if each[1] != 'ru'])
def test_a_translation_promises_the_same_terms_sums_and_contacts(kind, language):
    assert facts(legal_text(kind, language).html) == facts(legal_text(kind).html)


def facts(html):
    """Every figure, address and place of a text in its order, whatever the language says between them."""
    found = re.findall(r'</?\w+>|\d+(?:[.,]\d+)*|[\w.]+@[\w.]+|cpd\.by|GPON|SMS', html)
    return [fact.replace(',', '.') for fact in found]


def test_the_hashes_of_different_texts_differ():
    assert len({legal_text(kind, language).sha256 for kind, language in EVERY}) == len(EVERY)


@pytest.mark.parametrize('language', ['', 'de', '../ru', 'RU', '../../letters'])
def test_what_is_not_translated_is_read_in_russian(language):
    assert legal_text('offer', language) == legal_text('offer')


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match='cookies'):
        legal_text('cookies')
