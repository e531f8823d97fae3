"""Legal texts: a consent must be provable, so no wording changes under its version."""

import pytest

from services.messages.legal_texts import LegalKind, legal_text, source_fingerprint

KNOWN = {
    'offer-1': '0a42af9b0b88a2c64fd58a8c6110c4cb93c0c305a33cbeeddb97bb75e4a3fb1c',
    'privacy-1': '6f13cce5f9d4788ed4df565d5f5e9e6f0490c2af38f9dd3d458da65906aeee8f',
    'privacy-2': 'c79a5cec79e10303f757863f76eecb056ce4fb68c1a4a7c7085738b9b4e3f805',
    'application-1': '2544797a4733fa5daa8c4daac1b3341f8114ccb2ec60645420c07ef3cd86272e',
    'marketing-1': 'fabb850b9ed3414a32065129a5f08ccba962696240ad4cdd22f191a64013d0b6',
    'waiting-1': '8e988d49e3f11ef194585b8bba262de4571a62363671dccfef2583ee60158838',
}
"""Wording by version. After a change of a text: a new version in services/messages/legal_texts.py, a new line here."""


@pytest.mark.parametrize('kind', list(LegalKind))
def test_a_changed_wording_has_a_new_version(kind):
    assert KNOWN[legal_text(kind).version] == source_fingerprint(kind)


@pytest.mark.parametrize('kind', list(LegalKind))
def test_a_text_names_the_company_and_its_hash_is_of_what_people_read(kind):
    text = legal_text(kind)

    assert 'ООО «Амиго Групп»' in text.html
    assert len(text.sha256) == 64
    assert len(text.version) <= 32


def test_the_hashes_of_different_texts_differ():
    assert len({legal_text(kind).sha256 for kind in LegalKind}) == len(LegalKind)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match='cookies'):
        legal_text('cookies')
