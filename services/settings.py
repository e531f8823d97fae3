"""Settings: one class, read from the environment (prefix AMIGO_) and `.env`; unknown keys are refused."""

import base64
import ipaddress
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.colours import TEXT, WHITE, carries_white, contrast
from services.drawings import fault_of

PREFIX = 'AMIGO_'
COLOUR = r'^(#[0-9a-f]{6})?$'


class SettingsError(RuntimeError):
    """The settings cannot be used; the text says which one and what to do."""


class Settings(BaseSettings):
    """All settings of Amigo. Each stands in `.env.example` and in README; a test compares."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file='.env', extra='forbid', frozen=True, hide_input_in_errors=True
    )

    demo: bool = False
    demo_force_host: bool = False
    demo_second_factor: bool = False
    demo_captcha: str | None = None
    demo_no_limits: bool = False
    demo_no_page_limits: bool = False
    host: str = '127.0.0.1'
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = ''
    staff_host: str = Field(default='', pattern=r'^([a-z0-9.-]+(:\d{1,5})?)?$')
    trusted_proxies: str = ''
    data_dir: Path = Path('var')
    database_url: str = ''
    secret_key: SecretStr = SecretStr('')
    secret_key_old: SecretStr = SecretStr('')
    field_keys: SecretStr = SecretStr('')
    pepper: SecretStr = SecretStr('')
    pepper_old: SecretStr = SecretStr('')
    bcrypt_rounds: int = Field(default=12, ge=4, le=16)
    smtp_url: SecretStr = SecretStr('')
    mail_from: str = 'Amigo <info@amigo.by>'
    sms_url: SecretStr = SecretStr('')
    bepaid_checkout_url: str = ''
    bepaid_gateway_url: str = ''
    bepaid_api_url: str = ''
    bepaid_shop_id: str = ''
    bepaid_secret_key: SecretStr = SecretStr('')
    bepaid_public_key: str = ''
    bepaid_test: bool = False
    webpay_payment_url: str = ''
    webpay_billing_url: str = ''
    webpay_store_id: str = ''
    webpay_secret_key: SecretStr = SecretStr('')
    webpay_username: str = ''
    webpay_password: SecretStr = SecretStr('')
    webpay_test: bool = False
    erip_service_no: str = Field(default='', pattern=r'^([0-9]{1,12})?$')
    company_name: str = 'Amigo'
    company_legal_name: str = 'ООО «Амиго Групп»'
    company_unp: str = '000000000'
    company_bank: str = ''
    company_address: str = 'г. Минск, ул. Демонстрационная, 1'
    company_hotline: str = '+375172828555'
    company_mail: str = 'info@amigo.by'
    audit_mail: str = ''
    company_social: str = (
        'Telegram=https://t.me/amigo_by,Instagram=https://www.instagram.com/amigo.by,VK=https://vk.com/amigo_by'
    )
    company_messengers: str = ''
    company_red: str = Field(default='', pattern=COLOUR)
    company_green: str = Field(default='', pattern=COLOUR)
    company_logo: Path | None = None
    company_lead: str = ''
    map_tiles: str = Field(default='', pattern=r'^((https://[a-z0-9.-]+(:\d{1,5})?)?/[^\s"\'<>;,]+)?$')
    map_attribution: str = '© OpenStreetMap'
    network: Literal['none'] = 'none'
    clamd: str = ''
    log_json: bool = False
    browser_languages: str = 'be'

    @model_validator(mode='after')
    def _loopback_only_for_demo(self) -> Self:
        if self.demo and not self.demo_force_host and not _is_loopback(self.host):
            raise ValueError(
                f'AMIGO_DEMO has well-known passwords and AMIGO_HOST={self.host} is not a loopback address; '
                'set AMIGO_DEMO_FORCE_HOST=1 if you really mean it'
            )
        return self

    @model_validator(mode='after')
    def _readable_brand(self) -> Self:
        for name in ('company_red', 'company_green'):
            colour = getattr(self, name)
            if colour and not carries_white(colour):
                raise ValueError(
                    f'{PREFIX}{name.upper()}: white words on {colour} cannot be read, their contrast is '
                    f'{contrast(colour, WHITE):.1f} and must be {TEXT}; take a darker shade'
                )
        if self.company_logo and (fault := fault_of(self.company_logo)):
            raise ValueError(f'{PREFIX}COMPANY_LOGO: {fault}')
        if self.map_tiles and not all(part in self.map_tiles for part in ('{x}', '{y}', '{z}')):
            raise ValueError(f'{PREFIX}MAP_TILES: an address with {{z}}, {{x}} and {{y}} in it')
        return self

    @model_validator(mode='after')
    def _limits_outside_demo(self) -> Self:
        if self.demo_no_limits and not (self.demo and _is_loopback(self.host)):
            raise ValueError(
                'AMIGO_DEMO_NO_LIMITS lets anybody guess passwords: it is for measuring in a demo on a loopback address'
            )
        return self

    @model_validator(mode='after')
    def _page_limits_outside_demo(self) -> Self:
        if self.demo_no_page_limits and not self.demo:
            raise ValueError('AMIGO_DEMO_NO_PAGE_LIMITS is for tests of a demo; nothing lifts the limits elsewhere')
        return self

    @model_validator(mode='after')
    def _staff_apart(self) -> Self:
        if self.staff_host and not self.public_url:
            raise ValueError('AMIGO_STAFF_HOST: set AMIGO_PUBLIC_URL too, or nobody knows which name is the site')
        if self.staff_host and self.staff_host == urlsplit(self.url).netloc:
            raise ValueError('AMIGO_STAFF_HOST is the name of the site itself; give the consoles another, or none')
        return self

    @model_validator(mode='after')
    def _secrets_outside_demo(self) -> Self:
        if self.demo:
            return self
        short = [
            name for name in ('secret_key', 'pepper', 'field_keys') if len(getattr(self, name).get_secret_value()) < 32
        ]
        if short:
            names = ', '.join(f'{PREFIX}{name.upper()}' for name in short)
            raise ValueError(f'{names}: missing or shorter than 32 characters (or set AMIGO_DEMO=1 to look around)')
        return self

    @model_validator(mode='after')
    def _old_secrets_are_secrets(self) -> Self:
        for name in ('secret_key', 'pepper'):
            present, *old = getattr(self, f'{name}s')
            if any(len(secret) < 32 for secret in old):
                raise ValueError(
                    f'{PREFIX}{name.upper()}_OLD: shorter than 32 characters (commas stand between several)'
                )
            if present in old:
                raise ValueError(f'{PREFIX}{name.upper()}_OLD holds the present one: put in what stood there before it')
        return self

    @model_validator(mode='after')
    def _whole_bepaid(self) -> Self:
        names = ['checkout_url', 'gateway_url', 'shop_id', 'secret_key'] + ([] if self.demo else ['public_key'])
        values = {f'{PREFIX}BEPAID_{name.upper()}': getattr(self, f'bepaid_{name}') for name in names}
        missing = [name for name, value in values.items() if not str(value)]
        if missing and len(missing) < len(values):
            raise ValueError(f'{", ".join(missing)}: missing; set all of AMIGO_BEPAID_… or none (then no card payment)')
        return self

    @model_validator(mode='after')
    def _whole_webpay(self) -> Self:
        names = ('payment_url', 'billing_url', 'store_id', 'secret_key', 'username', 'password')
        values = {f'{PREFIX}WEBPAY_{name.upper()}': getattr(self, f'webpay_{name}') for name in names}
        missing = [name for name, value in values.items() if not str(value)]
        if missing and len(missing) < len(values):
            raise ValueError(f'{", ".join(missing)}: missing; set all of AMIGO_WEBPAY_… or none')
        if not missing and self.bepaid_shop_id:
            raise ValueError('AMIGO_BEPAID_… and AMIGO_WEBPAY_… are both set; cards are paid at one of them')
        return self

    @model_validator(mode='after')
    def _whole_erip(self) -> Self:
        is_whole = bool(self.bepaid_api_url and self.bepaid_shop_id) or (self.demo and not self.bepaid_shop_id)
        if self.erip_service_no and not is_whole:
            raise ValueError('AMIGO_ERIP_SERVICE_NO: set AMIGO_BEPAID_API_URL and the other AMIGO_BEPAID_… too')
        return self

    @property
    def url(self) -> str:
        """Address at which people reach the site, without a slash at the end."""
        return (self.public_url or f'http://{self.host}:{self.port}').rstrip('/')

    @property
    def hosts(self) -> frozenset[str]:
        """Names by which requests may call us, as they stand in the Host header."""
        return frozenset({urlsplit(self.url).netloc.lower(), *([self.staff_host] if self.staff_host else [])})

    @property
    def staff_url(self) -> str:
        """Address at which staff reach their consoles: their own host, else the site."""
        return f'{urlsplit(self.url).scheme}://{self.staff_host}' if self.staff_host else self.url

    @property
    def has_fixed_host(self) -> bool:
        """Whether a Host header must name us: a real site with an address of its own."""
        return bool(self.public_url) and not self.demo and not _is_loopback(urlsplit(self.url).hostname or '')

    @property
    def database(self) -> str:
        """Database URL: SQLite in the data directory unless another is set."""
        return self.database_url or f'sqlite:///{(self.data_dir / "amigo.db").as_posix()}'

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Secret keys by which something out there may be signed: the present one, then those before it."""
        return _present_and_old(self.secret_key, self.secret_key_old)

    @property
    def peppers(self) -> tuple[str, ...]:
        """Peppers by which something may have been hashed: the present one, then those before it."""
        return _present_and_old(self.pepper, self.pepper_old)

    @property
    def takes_cards(self) -> bool:
        """Whether people can pay by card: a gateway is set up, or this is a demo with its own."""
        return self.demo or bool(self.card_page_url)

    @property
    def card_page_url(self) -> str:
        """Address of the gateway's page where cards are typed; empty where the demo's own bank is it, or none is."""
        return self.bepaid_checkout_url or self.webpay_payment_url

    @property
    def takes_erip(self) -> bool:
        """Whether people can pay through ERIP: a service code is set, or this is a demo with its own gateway."""
        return bool(self.erip_service_no) or (self.demo and not self.bepaid_shop_id)

    @property
    def lines_by_hand(self) -> bool:
        """Whether engineers cut and restore lines themselves, from a list: no adapter reaches the network."""
        return self.network == 'none'

    @property
    def is_https(self) -> bool:
        """Whether people come over TLS: decides on `__Host-` cookies and HSTS."""
        return self.url.startswith('https://')

    @property
    def social_links(self) -> list[tuple[str, str]]:
        """Pairs (name, address) of the company's groups in social networks."""
        return _pairs(self.company_social)

    @property
    def messenger_links(self) -> list[tuple[str, str]]:
        """Pairs (name, address) at which the company answers in messengers."""
        return _pairs(self.company_messengers)

    @property
    def map_host(self) -> str:
        """Origin of another site that draws the map; empty when it is this one, or there is no map."""
        parts = urlsplit(self.map_tiles)
        return f'{parts.scheme}://{parts.netloc}' if parts.netloc else ''


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = (item.split('=', 1) for item in text.split(',') if '=' in item)
    return [(name.strip(), address.strip()) for name, address in pairs]


def _present_and_old(present: SecretStr, old: SecretStr) -> tuple[str, ...]:
    before = (part.strip() for part in old.get_secret_value().split(','))
    return (present.get_secret_value(), *filter(None, before))


def _is_loopback(host: str) -> bool:
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_unknown() -> None:
    known = {f'{PREFIX}{name.upper()}{end}' for name in Settings.model_fields for end in ('', '_FILE')}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f'Unknown settings: {", ".join(unknown)}. All settings are listed in .env.example.')


def _files_of_secrets() -> dict[str, Any]:
    """Read AMIGO_<NAME>_FILE (Docker secrets) into <name>; the plain variable wins."""
    found: dict[str, Any] = {}
    for name in Settings.model_fields:
        path = os.environ.get(f'{PREFIX}{name.upper()}_FILE')
        if path and f'{PREFIX}{name.upper()}' not in os.environ:
            found[name] = Path(path).read_text(encoding='utf-8').strip()
    return found


def _demo_secrets(settings: Settings) -> dict[str, SecretStr]:
    """Make demo secrets once and keep them: sessions and sealed fields survive a restart."""
    folder = settings.data_dir / 'demo-secrets'
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made: dict[str, SecretStr] = {}
    for name in ('secret_key', 'pepper', 'field_keys'):
        if getattr(settings, name).get_secret_value():
            continue
        path = folder / name
        if not path.exists():
            value = (
                secrets.token_urlsafe(48)
                if name != 'field_keys'
                else f'1:{base64.b64encode(secrets.token_bytes(32)).decode()}'
            )
            path.write_text(value, encoding='utf-8')
            path.chmod(0o600)
        made[name] = SecretStr(path.read_text(encoding='utf-8'))
    return made


@lru_cache
def get_settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        SettingsError: something is missing or wrong; the text is for the person who installs.
    """
    _refuse_unknown()
    try:
        settings = Settings(**_files_of_secrets())
    except ValueError as error:
        raise SettingsError(str(error)) from error
    if settings.demo:
        settings = settings.model_copy(update=_demo_secrets(settings))
    return settings
