"""A secret key or a pepper is changed while people use the site: what the old one made goes on, until it is taken out."""

import bcrypt
import pytest
from pydantic import SecretStr, ValidationError

from models.application import Application
from models.base import database
from models.contract import Subscriber
from models.second_factor import RecoveryCode
from models.user import AuditEvent, User
from services import audit, settings
from services.accounts import chain_invariants, invariants
from services.accounts.ledger_chain import CHAIN
from services.applications import applying, tracker
from services.chains import anchors
from services.chains.verification import Fault, verify
from services.contracts import paper_index, subscribers
from services.identity import form_tokens, passwords, recovery_codes, sign_in
from services.settings import Settings
from tests import factories, person
from tests.unit.test_applying import form
from tests.unit.test_audit_chain import unlock, write
from tests.unit.test_ledger_chain import book
from tests.unit.test_signed_tokens import KINDS

pytestmark = pytest.mark.at('2026-12-01 10:00')
NEW, NEWEST = 'a new secret of forty characters at least', 'the newest secret of forty characters, or so'
PASSWORD = 'синий чайник у окна'


@pytest.fixture
def put(monkeypatch):
    """Put secrets into the settings: `put(pepper=…, pepper_old=…)`; what is not named stays as it was at first."""
    before = settings.get_settings()

    def change(**secrets):
        after = before.model_copy(update={name: SecretStr(text) for name, text in secrets.items()})
        monkeypatch.setattr(settings, 'get_settings', lambda: after)
        monkeypatch.setattr('services.settings.get_settings', lambda: after)

    change.secret_key = before.secret_key.get_secret_value()
    change.pepper = before.pepper.get_secret_value()
    return change


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request, db):
    return request.param


def test_what_the_old_key_signed_opens_until_it_is_taken_out(kind, put):
    signed = kind()

    put(secret_key=NEW, secret_key_old=put.secret_key)
    assert signed.opens(signed.token)
    put(secret_key=NEWEST, secret_key_old=f'{NEW}, {put.secret_key}')
    assert signed.opens(signed.token)
    put(secret_key=NEWEST, secret_key_old=NEW)
    assert not signed.opens(signed.token)


def test_the_old_key_signs_nothing_any_more(kind, put):
    put(secret_key=NEW, secret_key_old=put.secret_key)
    signed = kind()

    put(secret_key=NEW)
    assert signed.opens(signed.token)
    put(secret_key=put.secret_key)
    assert not signed.opens(signed.token)


def test_a_form_sent_again_after_the_change_is_the_same_application(db, put):
    drawn = form()
    first = applying.submit(drawn, address='192.0.2.7', agent='tests')

    put(secret_key=NEW, secret_key_old=put.secret_key)

    assert applying.submit(drawn, address='192.0.2.7', agent='tests') == first
    assert tracker.number_of(first.tracker) == first.number
    assert Application.select().count() == 1


def test_the_link_of_an_application_outlives_the_key(db, put):
    sent = applying.submit(form(), address='192.0.2.7', agent='tests')

    put(secret_key=NEW)

    assert tracker.number_of(sent.tracker) == sent.number
    with pytest.raises(form_tokens.FormStale):
        form_tokens.opened(form().token[:-1] + '-', 'application')


def test_a_password_of_the_old_pepper_fits_until_it_is_taken_out(put):
    stored = passwords.hash_password(PASSWORD)

    put(pepper=NEW, pepper_old=put.pepper)
    assert passwords.verify_password(PASSWORD, stored)
    assert not passwords.verify_password(PASSWORD + '!', stored)
    assert passwords.needs_rehash(stored)
    assert not passwords.needs_rehash(passwords.hash_password(PASSWORD))
    put(pepper=NEW)
    assert not passwords.verify_password(PASSWORD, stored)


def test_a_password_hashed_before_peppers_had_names_was_made_by_the_oldest(put):
    unnamed = 'h1:' + passwords.hash_password(PASSWORD).split(':')[2]

    assert passwords.verify_password(PASSWORD, unnamed)
    assert passwords.needs_rehash(unnamed)
    put(pepper=NEW, pepper_old=put.pepper)
    assert passwords.verify_password(PASSWORD, unnamed)
    put(pepper=NEW)
    assert not passwords.verify_password(PASSWORD, unnamed)


def test_the_name_of_a_pepper_says_nothing_of_it(put):
    tag = passwords.hash_password(PASSWORD).split(':')[1]

    assert len(tag) == 8
    assert tag not in put.pepper
    put(pepper=NEW)
    assert passwords.hash_password(PASSWORD).split(':')[1] != tag


@pytest.mark.parametrize('who', ['old', 'new', 'unknown'])
def test_two_peppers_cost_one_check_whoever_comes(monkeypatch, put, who):
    old = passwords.hash_password(PASSWORD)
    put(pepper=NEW, pepper_old=put.pepper)
    stored = {'old': old, 'new': passwords.hash_password(PASSWORD), 'unknown': None}[who]
    checks, check = [], bcrypt.checkpw
    monkeypatch.setattr(bcrypt, 'checkpw', lambda *asked: checks.append(asked) or check(*asked))

    passwords.verify_password('wrong', stored)

    assert len(checks) == 1


def come_in():
    return sign_in.sign_in('100001', factories.PASSWORD, address='192.0.2.7', agent='tests')


def test_whoever_signs_in_meanwhile_goes_over_to_the_new_pepper(db, anna, boris, put):
    put(pepper=NEW, pepper_old=put.pepper)
    kept = User.get_by_id(boris.user_id).password_hash
    device = come_in().device

    put(pepper=NEW)

    assert sign_in.sign_in('100001', factories.PASSWORD, address='192.0.2.7', agent='tests', device=device).token
    assert User.get_by_id(boris.user_id).password_hash == kept
    with pytest.raises(sign_in.WrongCredentials):
        sign_in.sign_in('100002', factories.PASSWORD, address='192.0.2.8', agent='tests')


def test_recovery_codes_of_the_old_pepper_work(db, anna, put):
    first, second, third, *_ = recovery_codes.make(anna.user_id)

    put(pepper=NEW, pepper_old=put.pepper)
    assert recovery_codes.spend(anna.user_id, first)
    assert not recovery_codes.spend(anna.user_id, first)
    put(pepper=NEW)
    assert not recovery_codes.spend(anna.user_id, second)
    assert RecoveryCode.select().where(RecoveryCode.used_at.is_null()).count() == 9
    assert third


def found(actor):
    return [row.number for row in subscribers.list_subscribers(person.PASSPORT, actor=actor).rows]


def test_papers_are_found_by_both_peppers_and_hashed_anew_by_the_command(db, olga, put, monkeypatch):
    monkeypatch.setattr(paper_index, 'BATCH', 1)
    person.live('200777')
    person.live('200778')
    put(pepper=NEW, pepper_old=put.pepper)
    assert found(olga) == ['200777', '200778']

    assert paper_index.renew() == 2
    assert paper_index.renew() == 0

    put(pepper=NEW)
    assert found(olga) == ['200777', '200778']
    assert Subscriber.select().where(Subscriber.passport_index.is_null(False)).count() == 2


def test_the_audit_log_goes_on_under_the_new_key(db, olga, put):
    write(3, olga)
    put(secret_key=NEW, secret_key_old=put.secret_key)
    lines = write(2, olga)

    assert audit.verify().is_whole
    assert audit.verify().head == lines[-1].hash
    put(secret_key=NEW)
    assert (audit.verify().fault, audit.verify().line) == (Fault.EDITED, lines[0].id)


def test_lines_older_than_the_chain_were_sealed_with_the_old_key(db, olga, put):
    write(3, olga)
    unlock()
    database.execute_sql('UPDATE audit_event SET hash = NULL, prev_hash = NULL')
    write(1, olga)

    put(secret_key=NEW, secret_key_old=put.secret_key)
    write(1, olga)

    assert audit.verify().is_whole


def test_nobody_adds_a_line_with_a_key_that_was_given_up(db, olga, put):
    write(2, olga)
    put(secret_key=NEW, secret_key_old=put.secret_key)
    write(1, olga)
    put(secret_key=put.secret_key)  # who found the old key writes behind the log's back
    forged = write(1, olga)[-1]

    put(secret_key=NEW, secret_key_old=put.secret_key)

    assert (audit.verify().fault, audit.verify().line) == (Fault.EDITED, forged.id)
    assert AuditEvent.select().count() == 4


@pytest.mark.broken_books
def test_the_books_go_on_under_the_new_key(db, put):
    contract = factories.make_contract('300001')
    first = book(contract, 1)
    put(secret_key=NEW, secret_key_old=put.secret_key)
    assert invariants.self_check(thorough=True) == []
    book(contract, 2)

    assert invariants.self_check(thorough=True) == []
    put(secret_key=NEW)
    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, first.id)
    assert len(list(chain_invariants.links())) == 2


@pytest.mark.parametrize('is_anchored', [False, True])
@pytest.mark.broken_books
def test_nobody_books_with_a_key_that_was_given_up(db, put, is_anchored):
    contract = factories.make_contract('300001')
    book(contract, 1)
    put(secret_key=NEW, secret_key_old=put.secret_key)
    book(contract, 2)
    if is_anchored:
        anchors.check(CHAIN)
    put(secret_key=put.secret_key)
    forged = book(contract, 3)

    put(secret_key=NEW, secret_key_old=put.secret_key)

    assert (verify(CHAIN).fault, verify(CHAIN).line) == (Fault.EDITED, forged.id)
    assert list(chain_invariants.links()) == [chain_invariants.BREAKS[Fault.EDITED].format(line=forged.id)]


@pytest.mark.parametrize('name', ['secret_key', 'pepper'])
@pytest.mark.parametrize('old', ['tiny secret', f'{NEW},tiny secret', 's' * 48])
def test_an_old_secret_that_is_none_is_refused_without_being_shown(name, old):
    secrets = {'secret_key': 's' * 48, 'pepper': 's' * 48, 'field_keys': 'f' * 48, f'{name}_old': old}

    with pytest.raises(ValidationError) as refusal:
        Settings(_env_file=None, **secrets)

    assert f'AMIGO_{name.upper()}_OLD' in str(refusal.value)
    assert [word for word in ('tiny secret', 'ssss', NEW) if word in str(refusal.value)] == []


def test_there_may_be_no_old_secret(put):
    assert settings.get_settings().secret_keys == (put.secret_key,)
    assert settings.get_settings().peppers == (put.pepper,)
