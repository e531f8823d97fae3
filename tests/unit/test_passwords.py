"""Passwords: every letter counts, unknown accounts cost the same, known words are refused."""

import re
import threading
import unicodedata

import bcrypt
import pytest
from pydantic import SecretStr

from services.errors import DomainError
from services.identity import passwords
from services.identity.passwords import (
    HashingBusy,
    WeakPassword,
    hash_password,
    needs_rehash,
    validate_new_password,
    verify_password,
)
from services.settings import Settings


@pytest.fixture(autouse=True)
def configure(monkeypatch):
    def use(cost=4, pepper='p' * 40):
        settings = Settings(_env_file=None, demo=True, bcrypt_rounds=cost, pepper=SecretStr(pepper))
        monkeypatch.setattr('services.settings.get_settings', lambda: settings)

    use()
    return use


def refusal(password, *, is_staff=False, context_words=()):
    with pytest.raises(WeakPassword) as caught:
        validate_new_password(password, is_staff=is_staff, context_words=context_words)
    return str(caught.value)


def test_the_right_password_fits_and_another_does_not():
    stored = hash_password('синий чайник у окна')

    assert verify_password('синий чайник у окна', stored)
    assert not verify_password('синий чайник у окнa', stored)  # the last letter is Latin
    assert not verify_password('', stored)
    assert len(stored) == 72
    assert stored != hash_password('синий чайник у окна')


@pytest.mark.parametrize('beginning', ['я' * 199, 'a' * 72, 'a\0'])
def test_what_follows_bcrypts_limit_still_counts(beginning):
    stored = hash_password(beginning + 'б')

    assert verify_password(beginning + 'б', stored)
    assert not verify_password(beginning + 'в', stored)


def test_a_letter_typed_in_two_ways_is_the_same_letter():
    composed = unicodedata.normalize('NFC', 'йёжик у реки')

    assert verify_password(unicodedata.normalize('NFD', composed), hash_password(composed))


def test_without_the_pepper_the_hash_is_worthless(configure):
    stored = hash_password('синий чайник у окна')
    configure(pepper='q' * 40)

    assert not verify_password('синий чайник у окна', stored)


@pytest.mark.parametrize(
    'stored', [None, '', 'plain', 'h1:', 'h1:$2b$04$broken', 'h2:00000000:$2b$04$' + '.' * 53, '$2b$04$' + '.' * 53]
)
def test_an_unknown_account_costs_one_check_of_the_same_price(monkeypatch, configure, stored):
    configure(cost=5)
    prices = []
    check = bcrypt.checkpw

    def counted(password, kept):
        answer = check(password, kept)
        prices.append(kept[:7])
        return answer

    monkeypatch.setattr(bcrypt, 'checkpw', counted)

    assert not verify_password('синий чайник у окна', stored)
    assert prices == [b'$2b$05$']


@pytest.mark.parametrize('typed', [{'a': 1}, None, ['x'], 5, 'я' * 10_000, '\ud800' * 12, '\x00'])
def test_hostile_values_are_simply_wrong(typed):
    assert not verify_password(typed, hash_password('синий чайник у окна'))


def test_letters_that_are_no_unicode_count_too():
    stored = hash_password('\ud800' * 12)

    assert verify_password('\ud800' * 12, stored)
    assert not verify_password('\ud800' * 11 + '\ud801', stored)


def test_an_endless_password_is_wrong_even_if_its_beginning_fits():
    password = 'я' * passwords.LONGEST

    assert verify_password(password, hash_password(password))
    assert not verify_password(password + 'я', hash_password(password))


def test_an_older_scheme_or_cost_is_rehashed(configure):
    stored = hash_password('синий чайник у окна')

    assert not needs_rehash(stored)
    assert needs_rehash(f'h1:{stored[12:]}')
    configure(cost=5)
    assert needs_rehash(stored)


def test_two_are_hashed_at_once_and_a_long_line_is_refused(monkeypatch):
    running, most, go = [], [], threading.Event()
    entered = threading.Semaphore(0)

    def slow(_password, _salt):
        running.append(1)
        most.append(len(running))
        entered.release()
        go.wait(10)
        running.pop()
        return b'$2b$04$'

    monkeypatch.setattr(bcrypt, 'hashpw', slow)
    queued = threading.Semaphore(0)
    acquire = passwords._queue.acquire
    monkeypatch.setattr(passwords._queue, 'acquire', lambda **how: (acquire(**how), queued.release())[0])
    line = [threading.Thread(target=hash_password, args=('x',)) for _ in range(passwords.AT_ONCE + passwords.WAITING)]
    for thread in line:
        thread.start()
    for _ in line:
        assert queued.acquire(timeout=10)
    for _ in range(passwords.AT_ONCE):
        assert entered.acquire(timeout=10)

    with pytest.raises(HashingBusy):
        hash_password('x')

    go.set()
    for thread in line:
        thread.join(10)
    assert max(most) == passwords.AT_ONCE
    hash_password('x')


@pytest.mark.parametrize(('is_staff', 'minimum'), [(False, 10), (True, 15)])
def test_length_is_counted_in_letters(is_staff, minimum):
    text = 'щъэюгжпцфяшыхёд'[:minimum]

    validate_new_password(text, is_staff=is_staff)
    assert str(minimum) in refusal(text[:-1], is_staff=is_staff)


def test_length_has_an_end():
    phrase = 'синий чайник ' * 20

    validate_new_password(phrase[:256], is_staff=True)
    assert '256' in refusal(phrase[:257])


@pytest.mark.parametrize(
    'password',
    [
        'qwertyuiop',
        'Password123',
        'liverpool2007!',
        'йцукенгшщз',
        'пароль123456',
        '1212121212',
        '!!!!!!!!!!!!',
        'ILoveYou2026',
        '   тишина   ',
    ],
)
def test_common_passwords_are_refused(password):
    assert 'частых' in refusal(password)


@pytest.mark.parametrize(
    'password',
    ['correct horse battery', 'моя бабушка печёт', 'gh7#kd92-xw', '  тихая заводь  ', '🐈🐕🐎🐄🐖🐏🐓🦆🦉🐟'],
)
def test_decent_passwords_are_accepted(password):
    validate_new_password(password, is_staff=False, context_words=('100001', 'anna', ''))


@pytest.mark.parametrize(
    'password', ['окно 100001 дверь', 'ANNA.petrova и кот', 'amigo-demo-2026', 'привет Амиго всем']
)
def test_what_everyone_knows_is_refused(password):
    assert 'номер договора' in refusal(password, context_words=('100001', 'anna.petrova', 'a'))


@pytest.mark.parametrize('password', [{'a': 1}, None, ['x'] * 12, 5])
def test_a_value_that_is_no_text_is_refused(password):
    assert refusal(password) == 'Введите пароль.'


def test_the_refusal_names_its_field():
    with pytest.raises(DomainError) as caught:
        validate_new_password('x', is_staff=False, field='new_password')

    assert caught.value.field == 'new_password'


def test_the_blocklist_is_long_and_mostly_of_use():
    words = passwords._common()

    assert len(words) > 70_000
    assert sum(len(word) >= passwords.minimum(is_staff=False) for word in words) > 45_000


def test_one_time_passwords_are_readable_and_strong():
    made = {passwords.one_time_password() for _ in range(200)}

    assert len(made) == 200
    assert all(re.fullmatch(r'[a-hj-km-np-z2-9]{4}(-[a-hj-km-np-z2-9]{4}){2}', one) for one in made)
    for one in made:
        validate_new_password(one, is_staff=False)
