"""Consents can be proved: the hash is of the very text that was read, and the text is kept when the wording moves on."""

import pytest

from models.application import Application, Consent
from models.contract import Contract
from models.privacy import ConsentText
from models.user import AuditEvent
from services.errors import NotAllowed, SignInRequired
from services.messages import legal_texts
from services.messages.legal_texts import LegalKind, legal_text
from services.privacy import consents
from tests import factories, person
from tests.cast import contract_of


def test_the_hash_of_a_consent_equals_the_text_of_its_version(db):
    actor = person.live()

    for consent in Consent.select():
        assert consents.is_proved(consent)
        assert ConsentText.get(ConsentText.sha256 == consent.text_hash).version == consent.text_version
    assert {line.html for line in consents.list_own(actor=actor)} == {
        legal_text(kind).html for kind in consents.PURPOSES if kind != LegalKind.CONSENT_WAITING
    }


def test_a_changed_text_proves_nothing(db):
    person.live()
    ConsentText.update(html='<p>Соглашаюсь на всё.</p>').execute()

    assert not any(consents.is_proved(consent) for consent in Consent.select())


def test_an_old_consent_is_proved_after_the_wording_has_changed(db, anna, monkeypatch):
    consents.give_news(actor=anna)
    old = Consent.get()
    version, day, title = legal_texts._NOW[LegalKind.CONSENT_MARKETING]
    consents.withdraw_news(actor=anna)
    monkeypatch.setattr(
        consents, 'legal_text', lambda _kind, language: legal_texts.LegalText(
            LegalKind.CONSENT_MARKETING, language, 'marketing-2', day, title, 'Новый текст', 'n' * 64
        )
    )  # fmt: skip
    consents.give_news(actor=anna)

    lines = consents.list_own(actor=anna)

    assert [(line.version, line.is_open) for line in lines] == [('marketing-2', True), (version, False)]
    assert consents.is_proved(Consent.get_by_id(old.id))


def test_news_are_proved_in_the_language_they_were_read_in(db, anna):
    consents.give_news('en', actor=anna)

    line = consents.list_own(actor=anna)[0]

    assert line.html == legal_text(LegalKind.CONSENT_MARKETING, 'en').html
    assert consents.is_proved(Consent.get())


def test_news_are_given_in_the_cabinet_with_all_that_proves_it(db, anna):
    consents.give_news(actor=anna)
    consents.give_news(actor=anna)

    consent = Consent.get()
    assert (consent.user_id, consent.purpose, consent.channel) == (anna.user_id, 'marketing', 'cabinet')
    assert (consent.address, consent.agent, consent.withdrawn_at) == ('127.0.0.1', 'tests', None)
    assert Consent.select().count() == 1
    assert AuditEvent.select().where(AuditEvent.action == 'consent.give').count() == 1


def test_one_click_ends_every_consent_to_news_also_the_one_of_the_application(db):
    actor = person.live()
    consents.give_news(actor=actor)

    assert consents.withdraw_news(actor=actor) == 1
    assert consents.withdraw_news(actor=actor) == 0

    lines = consents.list_own(actor=actor)
    assert [line.purpose for line in lines if line.is_open] == ['application']
    assert AuditEvent.select().where(AuditEvent.action == 'consent.withdraw').count() == 1


def test_consents_of_somebody_else_are_neither_seen_nor_ended(db, anna, boris):
    consents.give_news(actor=anna)
    application = factories.make_application()
    Application.update(contract_id=contract_of(anna).id).where(Application.id == application.id).execute()
    Contract.update(application=application).where(Contract.id == anna.contract_id).execute()
    consents.remember(LegalKind.CONSENT_APPLICATION, language='ru', address='', agent='', application=application)

    assert consents.list_own(actor=boris) == ()
    assert consents.withdraw_news(actor=boris) == 0
    assert len(consents.list_own(actor=anna)) == 2


@pytest.mark.parametrize('service', [consents.list_own, consents.give_news, consents.withdraw_news])
def test_only_a_subscriber_has_consents_of_his_own(db, olga, service):
    with pytest.raises(NotAllowed):
        service(actor=olga)
    with pytest.raises(SignInRequired):
        service(actor=None)
