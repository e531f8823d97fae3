"""Captcha: sealed, single use, bound to its purpose, readable and audible."""

import base64
import io
import wave
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from PIL import Image
from pydantic import SecretStr

from services.identity import captcha, captcha_sound
from services.identity.captcha import CaptchaGone
from services.settings import Settings, SettingsError

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def configure(monkeypatch):
    def use(secret='s' * 40, **more):
        secrets_of_app = {
            'secret_key': SecretStr(secret),
            'pepper': SecretStr('p' * 40),
            'field_keys': SecretStr('k' * 40),
        }
        settings = Settings(_env_file=None, **{'demo': False, **secrets_of_app, **more})
        monkeypatch.setattr('services.settings.get_settings', lambda: settings)

    use()
    return use


class Spent:
    """What the database does: remembers each hash once."""

    def __init__(self):
        self.rows = {}

    def __call__(self, digest, expires_at):
        if digest in self.rows:
            return False
        self.rows[digest] = expires_at
        return True


@pytest.fixture
def spent():
    return Spent()


def made(monkeypatch, answer, purpose='recovery'):
    monkeypatch.setattr(captcha, '_answer', lambda: answer)
    return captcha.issue(purpose).token


def test_the_right_answer_opens(monkeypatch, spent):
    assert captcha.check(made(monkeypatch, '27384'), '27384', 'recovery', spent)


@pytest.mark.parametrize('typed', [' 27384 ', '2 7 3 8 4', '27\u00a0384', '\uff12\uff17\uff13\uff18\uff14'])
def test_spaces_and_wide_digits_are_fine(monkeypatch, spent, typed):
    assert captcha.check(made(monkeypatch, '27384'), typed, 'recovery', spent)


@pytest.mark.parametrize(
    'typed', ['27385', '2738', '273844', '', 'да', '٢٧٣٨٤', '\ud800', None, {'a': 1}, '2' * 10_000, '27384' + ' ' * 100]
)
def test_a_wrong_answer_uses_the_captcha_up(monkeypatch, spent, typed):
    token = made(monkeypatch, '27384')

    assert not captcha.check(token, typed, 'recovery', spent)
    assert not captcha.check(token, '27384', 'recovery', spent)


def test_a_right_answer_works_once(monkeypatch, spent):
    token = made(monkeypatch, '27384')

    assert captcha.check(token, '27384', 'recovery', spent)
    assert not captcha.check(token, '27384', 'recovery', spent)
    assert len(spent.rows) == 1


@pytest.mark.parametrize('spelling', ['{}=', '{}==', '{}\n', ' {}', '{}!', '{}A'])
def test_another_spelling_of_the_token_is_no_second_try(monkeypatch, spent, spelling):
    token = made(monkeypatch, '27384')

    assert not captcha.check(spelling.format(token), '27384', 'recovery', spent)
    assert spent.rows == {}


def test_unused_bits_of_the_last_letter_are_no_second_try(monkeypatch, spent):
    alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    token = next(t for t in (made(monkeypatch, '27384', p) for p in captcha.CaptchaPurpose) if len(t) % 4)
    purpose = captcha._opened(token).purpose
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    padding = '=' * (-len(token) % 4)

    assert base64.urlsafe_b64decode(twin + padding) == base64.urlsafe_b64decode(token + padding)
    assert captcha.check(token, '27384', purpose, spent)
    assert not captcha.check(twin, '27384', purpose, lambda *_: True)


def test_another_purpose_is_refused_and_costs_nothing(monkeypatch, spent):
    token = made(monkeypatch, '27384')

    assert not captcha.check(token, '27384', 'sign_in', spent)
    assert spent.rows == {}
    assert captcha.check(token, '27384', 'recovery', spent)


def test_an_unknown_purpose_gets_no_captcha():
    with pytest.raises(ValueError):
        captcha.issue('payment')


def test_five_minutes_and_no_longer(monkeypatch, spent):
    with time_machine.travel(START, tick=False) as traveller:
        first, second = made(monkeypatch, '27384'), made(monkeypatch, '27384')
        traveller.move_to(START + timedelta(minutes=4, seconds=59))
        assert captcha.check(first, '27384', 'recovery', spent)
        assert list(spent.rows.values()) == [START + timedelta(minutes=5)]
        captcha.picture(second)

        traveller.move_to(START + timedelta(minutes=5))
        assert not captcha.check(second, '27384', 'recovery', spent)
        for media in (captcha.picture, captcha.sound):
            with pytest.raises(CaptchaGone):
                media(second)


def test_every_flipped_bit_is_found(monkeypatch, spent):
    token = made(monkeypatch, '27384')
    blob = base64.urlsafe_b64decode(token + '=' * (-len(token) % 4))

    for index in range(len(blob)):
        changed = bytearray(blob)
        changed[index] ^= 1
        assert not captcha.check(captcha._encoded(bytes(changed)), '27384', 'recovery', spent)
    assert spent.rows == {}


def test_a_token_of_another_installation_is_refused(monkeypatch, configure, spent):
    token = made(monkeypatch, '27384')
    configure(secret='t' * 40)

    assert not captcha.check(token, '27384', 'recovery', spent)


@pytest.mark.parametrize('token', ['', 'x', 'я', 'A' * 10_000, '../../etc/passwd', None, {'a': 1}, ['x'], 5, '\x00'])
def test_garbage_is_refused(spent, token):
    assert not captcha.check(token, '27384', 'recovery', spent)
    assert spent.rows == {}


def test_the_token_does_not_show_the_answer(monkeypatch):
    one, two = made(monkeypatch, '27384'), made(monkeypatch, '27384')
    blob = base64.urlsafe_b64decode(one + '=' * (-len(one) % 4))

    assert one != two
    assert len(one) == len(made(monkeypatch, '99999'))
    assert b'27384' not in blob
    assert '27384' not in one
    assert b'27384' not in captcha.picture(one)


def test_the_same_picture_and_sound_are_served_again(monkeypatch):
    one, two = made(monkeypatch, '27384'), made(monkeypatch, '27384')

    assert captcha.picture(one) == captcha.picture(one) != captcha.picture(two)
    assert captcha.sound(one) == captcha.sound(one) != captcha.sound(two)


def test_answers_are_random_and_without_look_alikes():
    answers = {captcha._opened(captcha.issue('sign_in').token).answer for _ in range(200)}

    assert len(answers) > 150
    assert all(len(answer) == 5 and set(answer) <= set('23456789') for answer in answers)


def test_the_picture_is_a_readable_png(monkeypatch):
    image = Image.open(io.BytesIO(captcha.picture(made(monkeypatch, '27384'))))

    assert (image.format, image.size) == ('PNG', captcha.SIZE)
    shades = sorted(image.convert('L').getdata())
    assert shades[len(shades) // 2] > 200  # most of it is paper
    assert shades[len(shades) // 50] < 110  # and the ink is dark


def test_the_sound_is_a_wav_of_some_seconds(monkeypatch):
    with wave.open(io.BytesIO(captcha.sound(made(monkeypatch, '27384')))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 1, 8000)
        assert 3 < file.getnframes() / 8000 < 10


@pytest.mark.parametrize('voice', captcha_sound.VOICE_NAMES)
def test_each_digit_has_its_own_voice_file(voice):
    spoken = {captcha_sound._voice(voice, digit) for digit in '0123456789'}

    assert len(spoken) == 10
    assert all(0.2 < len(samples) / 8000 < 1 and max(samples) > 0.5 for samples in spoken)


def test_each_digit_is_in_the_sound(monkeypatch):
    asked = []
    voice = captcha_sound._voice
    monkeypatch.setattr(captcha_sound, '_add_babble', lambda _track: None)
    monkeypatch.setattr(captcha_sound, '_voice', lambda name, digit: (asked.append(digit), voice(name, digit))[1])

    captcha_sound.speak('01234567890')

    assert ''.join(asked) == '01234567890'


def test_demo_may_fix_the_answer(configure, spent):
    configure(demo=True, demo_captcha='12345')
    token = captcha.issue('recovery').token

    captcha.picture(token)
    captcha.sound(token)
    assert captcha.check(token, '12345', 'recovery', spent)
    assert not captcha.check(token, '12345', 'recovery', spent)


def test_production_ignores_the_fixed_answer(configure):
    configure(demo=False, demo_captcha='12345')

    assert captcha._opened(captcha.issue('recovery').token).answer != '12345'


@pytest.mark.parametrize('wrong', ['1234', '123456', 'abcde', '１２３４５'])
def test_a_wrong_demo_answer_is_named(configure, wrong):
    configure(demo=True, demo_captcha=wrong)

    with pytest.raises(SettingsError, match='AMIGO_DEMO_CAPTCHA'):
        captcha.issue('recovery')
