"""Mail: how the address in the settings is read, whom it trusts, and that the demo's post office really takes letters."""

import datetime as dt
import ssl
from contextlib import suppress
from decimal import Decimal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.clock import now
from services.demo import mailbox
from services.demo.mail_catcher import MailboxSms, MailCatcher
from services.gateways.mail import Letter, Refused, ServerUnreachable, SmtpSender, compose
from services.messages.letters.render import linked, money, render_letter
from services.settings import get_settings
from tests.post_office import PostOffice


def letter(**changes):
    facts = {
        'recipient': 'anna@example.by',
        'subject': 'Оплата 30,00 р. получена',
        'text': 'Здравствуйте',
        'html': '<p>Здравствуйте</p>',
        'message_id': '<1@amigo>',
        'written_at': now(),
    }
    return Letter(**{**facts, **changes})


@pytest.mark.parametrize(
    ('url', 'host', 'port', 'tls', 'username', 'password'),
    [
        ('smtp://mail.by', 'mail.by', 25, 'none', None, None),
        ('smtp://u:p%40ss@mail.by:587?starttls=1', 'mail.by', 587, 'starttls', 'u', 'p@ss'),
        ('smtps://u:p@mail.by', 'mail.by', 465, 'implicit', 'u', 'p'),
    ],
)
def test_the_address_in_the_settings_is_read(url, host, port, tls, username, password):
    sender = SmtpSender.from_url(url, 'info@amigo.by')

    assert (sender.host, sender.port, sender.tls, sender.username, sender.password) == (
        host, port, tls, username, password,
    )  # fmt: skip


@pytest.mark.parametrize('url', ['http://mail.by', 'mail.by:25', 'smtp://'])
def test_an_unreadable_address_is_refused_without_its_password(url):
    with pytest.raises(ValueError, match='AMIGO_SMTP_URL'):
        SmtpSender.from_url(url, 'info@amigo.by')


@pytest.fixture
def self_signed(tmp_path):
    """A certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'localhost')])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - dt.timedelta(days=1))
        .not_valid_after(now() + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / 'post.pem'
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_a_server_with_a_certificate_nobody_vouches_for_gets_no_letter(self_signed):
    post = PostOffice(tls_context=self_signed)
    sender = SmtpSender(host='127.0.0.1', port=post.port, mail_from='info@amigo.by', tls='starttls')
    try:
        with pytest.raises(ServerUnreachable, match=r'(?i)certificate'):
            async with sender.connect() as connection:
                await connection.send(letter())
    finally:
        post.close()

    assert post.letters == []


async def test_a_server_without_tls_gets_no_letter_where_tls_is_asked_for():
    post = PostOffice()
    sender = SmtpSender(host='127.0.0.1', port=post.port, mail_from='info@amigo.by', tls='starttls')
    try:
        with pytest.raises(ServerUnreachable):
            async with sender.connect() as connection:
                await connection.send(letter())
    finally:
        post.close()

    assert post.letters == []


@pytest.fixture
def post():
    office = PostOffice()
    yield office
    office.close()


async def posted(post, sent):
    async with SmtpSender.from_url(post.url, 'Amigo <info@amigo.by>').connect() as connection:
        await connection.send(sent)


BREAKS = ('\r\n', '\n', '\r', '\0', '\v', '\f', '\x1b', '\x7f', '\x85', '\u2028', '\u2029')


@pytest.mark.parametrize('sign', BREAKS)
@pytest.mark.parametrize(
    ('field', 'text'),
    [
        ('subject', 'a{}Bcc: all@example.by'), ('subject', 'a{}'), ('message_id', '<1@amigo>{}Bcc: all@example.by'),
        ('recipient', 'anna@example.by{}Bcc: all@example.by'), ('recipient', 'anna@example.by{}RCPT TO:<all@example.by>'),
        ('recipient', '{}anna@example.by'), ('recipient', '"a{}" <anna@example.by>'),
    ],
)  # fmt: skip
async def test_a_line_break_in_a_header_is_refused(post, field, text, sign):
    with pytest.raises(Refused):
        await posted(post, letter(**{field: text.format(sign)}))

    assert (post.letters, post.asked) == ([], [])


@pytest.mark.parametrize(
    'recipient',
    [
        'anna@example.by, all@example.by', 'anna@example.by,all@example.by', 'anna@example.by; all@example.by',
        'anna@example.by all@example.by', 'все: anna@example.by, all@example.by;', 'Анна <anna@example.by>',
        '<anna@example.by>', '<anna@example.by>,<all@example.by>', 'anna@example.by> SIZE=1 <all@example.by', 'anna', '',
    ],
)  # fmt: skip
async def test_a_recipient_is_one_plain_address(post, recipient):
    with pytest.raises(Refused):
        await posted(post, letter(recipient=recipient))

    assert (post.letters, post.asked) == ([], [])


@pytest.mark.parametrize('sign', BREAKS)
async def test_a_name_adds_neither_headers_nor_recipients(post, sign):
    name = f'Анна{sign}Bcc: all@example.by{sign}{sign}.{sign}RCPT TO:<all@example.by>'
    facts = dict.fromkeys(('name', 'link', 'contract', 'level'), name) | {'until': now(), 'last_day': None}
    subject, text, html = render_letter('access_invited', {'owner': name, **facts})
    with suppress(Refused):
        await posted(post, letter(subject=subject, text=text, html=html))

    assert post.asked in ([], [('info@amigo.by', ['anna@example.by'])])
    assert [(each['To'], each['Bcc'], each['Cc']) for each in post.letters] == [('anna@example.by', None, None)] * len(
        post.asked
    )


@pytest.mark.parametrize('ending', ['\r\n.\r\n', '\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r'])
async def test_a_text_does_not_end_the_letter_and_begin_another(post, ending):
    smuggled = f'Hello{ending}MAIL FROM:<a@b.by>\r\nRCPT TO:<all@example.by>\r\nDATA\r\n\r\nYours{ending}'
    await posted(post, letter(text=smuggled, html=''))

    assert post.asked == [('info@amigo.by', ['anna@example.by'])]
    assert len(post.letters) == 1


async def test_each_letter_has_exactly_one_recipient(post):
    async with SmtpSender.from_url(post.url, 'Amigo <info@amigo.by>').connect() as connection:
        for number in range(3):
            await connection.send(letter(recipient=f'anna{number}@example.by', message_id=f'<{number}@amigo>'))

    assert post.asked == [('info@amigo.by', [f'anna{number}@example.by']) for number in range(3)]


def test_a_letter_says_that_nobody_wrote_it_by_hand():
    message = compose(letter(), 'Amigo <info@amigo.by>')

    assert message['Auto-Submitted'] == 'auto-generated'
    assert message['From'] == 'Amigo <info@amigo.by>'
    assert [part.get_content_type() for part in message.iter_parts()] == ['text/plain', 'text/html']


async def test_the_post_office_of_the_demo_takes_letters_over_smtp(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, '_folder', lambda: tmp_path / 'mailbox')
    catcher = MailCatcher()
    catcher.start()
    try:
        async with SmtpSender.from_url(catcher.url, 'info@amigo.by').connect() as connection:
            await connection.send(letter(text='Длинный текст. ' * 100))
        await MailboxSms().send('+375291234567', 'Мастер придёт завтра', key='k')
    finally:
        catcher.stop()

    sms, mail = mailbox.kept()
    assert (mail.channel, mail.recipient, mail.subject) == ('email', 'anna@example.by', 'Оплата 30,00 р. получена')
    assert mail.text.split() == ('Длинный текст. ' * 100).split()
    assert (sms.channel, sms.recipient, sms.text) == ('sms', '+375291234567', 'Мастер придёт завтра')


def test_only_our_own_addresses_become_links_and_nothing_stays_unescaped():
    url = get_settings().url

    assert linked(f'{url}/my/index.') == f'<a href="{url}/my/index">{url}/my/index</a>.'
    assert linked(f'{url}, да') == f'<a href="{url}">{url}</a>, да'
    for foreign in ('https://evil.example', f'{url}.evil.example/x', f'{url}@evil.example', f'{url}1/x'):
        assert '<a' not in linked(foreign)
    assert linked('<b>"&') == '&lt;b&gt;&quot;&amp;'
    assert '"><' not in linked(f'{url}/"><script>')


def test_a_debt_is_written_with_a_real_minus():
    assert money(Decimal('-1212.40')) == '\u22121\u00a0212,40\u00a0р.'


def test_every_letter_ends_with_whom_to_ask():
    subject, text, html = render_letter('password_changed', {'name': 'Анна', 'is_staff': False})

    assert subject == 'Пароль от личного кабинета изменён'
    assert text.endswith('Amigo\n+375\u00a017\u00a0282-85-55 · info@amigo.by\n')
    assert html.count('<p>') == text.strip().count('\n\n') + 1
