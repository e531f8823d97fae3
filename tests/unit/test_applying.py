"""«Отправить»: a form becomes one application, with its price, its proof and its letter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from models.application import Application, ApplicationEvent, ApplicationStatus, Consent, Redemption
from models.catalogue import Tariff
from models.outbox import Channel, OutgoingMessage
from services.applications import applying
from services.applications.application_form import ApplicationForm
from services.applications.applying import PackageChanged, offer_of, price_mark, submit
from services.errors import InvalidForm, NotFound, TooManyRequests
from services.events import ApplicationChanged
from services.identity import captcha, form_tokens, vault
from services.identity.form_tokens import FormStale
from services.messages.legal_texts import legal_text
from services.runner import submit as in_thread
from services.runner import with_connection
from tests.factories import make_promo_code

ADDRESS = '192.0.2.9'
GOOD = {
    'last_name': 'Ёлкина',
    'first_name': 'Анна-Мария',
    'phone': '8 (029) 123-45-67',
    'email': 'anna@example.by',
    'locality': 'Минск',
    'street': 'ул. Учебная',
    'house': '3',
    'flat': '12',
    'intercom': '12К45',
    'comment': 'Звоните после <b>шести</b> & не раньше',
}


def form(query=None, **fields):
    """Return the form of a person who saw the right price."""
    drawn = ApplicationForm(
        region=fields.pop('region', 'minsk'),
        query={'internet': ['I-50']} if query is None else query,
        token=form_tokens.draw(applying.PURPOSE),
        **{**GOOD, **fields},
    )
    return replace(drawn, price_seen=price_mark(offer_of(drawn, address=ADDRESS).quote))


def send(drawn):
    return submit(drawn, address=ADDRESS, agent='Mozilla')


def solved(drawn):
    """Return the form with a captcha a person has read: after ten applications one is asked for."""
    return replace(drawn, captcha_token=captcha.issue('application').token, captcha='12345')


def wrong(drawn):
    with pytest.raises(InvalidForm) as refused:
        send(drawn)
    assert Application.select().count() == 0
    return {name: str(error) for name, error in refused.value.errors.items()}


@pytest.mark.at('2026-11-22 12:00')
def test_an_application_keeps_what_was_typed_and_seen(db):
    sent = send(form(promo='дом50'))
    application = Application.get()
    assert application.number == sent.number
    assert application.status == ApplicationStatus.NEW
    assert (application.phone, application.full_name) == ('+375291234567', 'Ёлкина Анна-Мария')
    assert application.package == {'tariff': 'I-50', 'tv': None, 'equipment': {}, 'addons': []}
    assert (application.quote['monthly'], application.quote['once']) == ('22.90', '7.50')
    assert application.price_until == date(2026, 12, 6)
    assert application.comment == GOOD['comment']
    assert application.promo_code.code == 'DOM50'


def test_the_tracker_secret_is_stored_only_as_a_hash_and_the_intercom_sealed(db):
    sent = send(form())
    application = Application.get()
    assert application.tracker_hash == applying.tracker_hash(sent.tracker)
    assert len(sent.tracker) == 32
    assert '12К45'.encode() not in bytes(application.address_note)
    place = vault.aad_of('application', application.id, 'address_note')
    assert vault.unseal(application.address_note, aad=place) == '12К45'


def test_a_letter_carries_number_sums_and_link(db):
    sent = send(form())
    letter = OutgoingMessage.get()
    assert (letter.channel, letter.recipient) == (Channel.EMAIL, 'anna@example.by')
    assert sent.number in letter.subject
    for words in ('22,90', '15,00', f'/application/{sent.tracker}'):
        assert words in letter.text


def test_without_an_email_an_sms_goes_with_the_link(db):
    sent = send(form(email=''))
    message = OutgoingMessage.get()
    assert (message.channel, message.recipient) == (Channel.SMS, '+375291234567')
    assert sent.tracker in message.text


def test_history_event_and_proof_of_the_notice(db):
    send(form(marketing='1'))
    application = Application.get()
    event = ApplicationEvent.get()
    assert (event.application, event.kind, event.to_status) == (application, 'status', ApplicationStatus.NEW)
    assert ApplicationChanged(application.id) in db.events
    proofs = {c.purpose: (c.text_version, c.text_hash, c.address, c.agent) for c in Consent.select()}
    notice, news = legal_text('consent_application'), legal_text('consent_marketing')
    assert proofs == {
        'application': (notice.version, notice.sha256, ADDRESS, 'Mozilla'),
        'marketing': (news.version, news.sha256, ADDRESS, 'Mozilla'),
    }


def test_what_is_proved_was_read_in_the_language_of_the_page(db):
    submit(form(marketing='1'), address=ADDRESS, agent='Mozilla', language='be')

    assert {consent.text_hash for consent in Consent.select()} == {
        legal_text('consent_application', 'be').sha256,
        legal_text('consent_marketing', 'be').sha256,
    }


def test_no_news_without_the_tick(db):
    send(form())
    assert [c.purpose for c in Consent.select()] == ['application']


def test_sending_twice_is_sending_once(db):
    drawn = form(promo='DOM50')
    assert send(drawn) == send(drawn) == send(replace(drawn, comment='другое'))
    assert (Application.select().count(), Redemption.select().count(), OutgoingMessage.select().count()) == (1, 1, 1)


def test_a_repeat_answers_like_the_first_whatever_changed_since(db):
    drawn = form({'internet': ['I-100']}, promo='OSEN3')
    first = send(drawn)
    Tariff.update(monthly_fee=Decimal('99.00')).where(Tariff.code == 'I-100').execute()
    assert send(drawn) == first


def test_two_at_the_same_moment_make_one(committed_db):
    drawn = with_connection(form)()
    answers = [in_thread(submit, drawn, address=ADDRESS, agent='') for _ in range(4)]
    assert len({answer.result() for answer in answers}) == 1
    assert with_connection(Application.select().count)() == 1


@pytest.mark.parametrize(
    ('field', 'value', 'says'),
    [
        ('last_name', '', 'Заполните'),
        ('last_name', '   ', 'Заполните'),
        ('last_name', 'Я' * 10_000, 'не больше 80'),
        ('last_name', 'Анна😀', 'Только буквы'),
        ('last_name', '<script>alert(1)</script>', 'Только буквы'),
        ('first_name', 'Ан\x00на', 'непечатаемые'),
        ('first_name', 'Анна\u202eеш', 'Только буквы'),
        ('first_name', '12345', 'Только буквы'),
        ('first_name', {'a': 1}, 'Введите текст'),
        ('patronymic', '***', 'Только буквы'),
        ('phone', '', 'Заполните'),
        ('phone', '+375 29 123', 'Проверьте номер'),
        ('phone', '29 CALL-NOW', 'Проверьте номер'),
        ('phone', '+7 912 345-67-89', 'Проверьте номер'),
        ('phone', 'позвоните мне', 'Проверьте номер'),
        ('phone', '1' * 10_000, 'не больше 32'),
        ('email', 'anna@', 'Проверьте адрес'),
        ('email', 'a' * 10_000 + '@b.by', 'не больше 254'),
        ('email', 'anna@example.by\nBcc: x@y.by', 'Проверьте адрес'),
        ('locality', '', 'Заполните'),
        ('locality', '<b>Минск</b>', 'Напишите название'),
        ('street', '12', 'Напишите название'),
        ('house', 'без номера', 'Номер дома'),
        ('house', '', 'Заполните'),
        ('flat', '1' * 11, 'не больше 10'),
        ('entrance', '😀', 'Только цифры'),
        ('floor', "1'; DROP TABLE application;--", 'не больше 10'),
        ('intercom', '<>', 'Только цифры'),
        ('call_time', 'ночью', 'Выберите'),
        ('comment', 'ы' * 10_000, 'не больше 1000'),
        ('comment', 'тут \x07 звонок', 'непечатаемые'),
        ('promo', 'НЕТТАКОГО', 'Такого промокода нет'),
        ('promo', 'x' * 10_000, 'Такого промокода нет'),
        ('promo', 'TURBO6\x00', 'Такого промокода нет'),
        ('promo', 'OSEN3', 'от 100 Мбит/с'),
    ],
)
def test_bad_input_gets_its_answer_beside_the_field(db, field, value, says):
    errors = wrong(replace(form(), **{field: value}))
    assert list(errors) == [field]
    assert says in errors[field]


@pytest.mark.parametrize('phone', ['80291234567', '8 (029) 123-45-67', '375291234567', '+375(29)1234567', '29 1234567'])
def test_a_phone_is_understood_as_people_write_it(db, phone):
    send(form(phone=phone))
    assert Application.get().phone == '+375291234567'


def test_all_wrong_fields_are_told_at_once(db):
    drawn = replace(form(), last_name='', first_name='', phone='', locality='', street='', house='', promo='NOPE')
    expected = {'last_name', 'first_name', 'phone', 'locality', 'street', 'house', 'promo'}
    assert set(wrong(drawn)) == expected


def test_a_price_that_changed_is_shown_before_it_is_taken(db):
    drawn = form()
    Tariff.update(monthly_fee=Decimal('99.00')).where(Tariff.code == 'I-50').execute()
    with pytest.raises(PackageChanged):
        send(drawn)
    assert Application.select().count() == 0


def test_a_part_that_is_not_sold_any_more_is_told_though_the_price_is_the_same(db):
    with pytest.raises(PackageChanged):
        send(form({'internet': ['I-50'], 'addons': ['A-GONE']}))
    assert Application.select().count() == 0


def test_a_tariff_taken_off_sale_is_not_sold(db):
    drawn = form()
    Tariff.update(is_on_sale=False).where(Tariff.code == 'I-50').execute()
    with pytest.raises(PackageChanged):
        send(drawn)


def test_the_last_use_of_a_code_gone_meanwhile_is_told(db):
    make_promo_code('LAST', most_uses=1)
    send(form(promo='LAST'))
    with pytest.raises(InvalidForm) as refused:
        send(form(promo='LAST', flat='13'))
    assert 'promo' in refused.value.errors
    assert Application.select().count() == 1


def test_a_code_given_once_per_address(db):
    query = {'internet': ['I-100']}
    send(form(query, promo='OSEN3'))
    with pytest.raises(InvalidForm):
        send(form(query, promo='OSEN3', street='улица Учебная'))
    send(form(query, promo='OSEN3', flat='14'))
    assert Application.select().count() == 2


@pytest.mark.parametrize('token', ['', 'x', 'a.1.b', 'я' * 30, 'x' * 10_000, None])
def test_a_token_that_is_not_ours_is_stale(db, token):
    with pytest.raises(FormStale):
        send(replace(form(), token=token))


def test_a_form_drawn_for_something_else_is_stale(db):
    with pytest.raises(FormStale):
        send(replace(form(), token=form_tokens.draw('recovery')))


def test_a_form_that_came_back_at_once_has_to_rest(db):
    assert 0 < applying.seconds_to_wait(form_tokens.draw(applying.PURPOSE)) <= 2
    assert applying.seconds_to_wait('nonsense') == 0


def test_one_address_sends_thirty_an_hour(db):
    for _ in range(30):
        send(solved(form()))
    with pytest.raises(TooManyRequests):
        send(solved(form()))
    submit(form(), address='192.0.2.10', agent='')


def test_an_unknown_region_is_not_found(db):
    with pytest.raises(NotFound):
        send(replace(form(), region='atlantis'))
