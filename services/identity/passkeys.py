"""Ключи доступа (WebAuthn): the key stays in its device; what it signs for us serves nowhere else and never again."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models.second_factor import Passkey
from models.user import STAFF, Role
from services import audit, field_rules
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError, NotFound
from services.identity import enrolment, factors, step_up, vault
from services.identity.auth_rules import get_rules
from services.identity.passkey_questions import Purpose, remember, take
from services.input_text import clean_text
from services.messages.letters import factor as letters
from services.runner import transactional
from services.settings import get_settings

_ID = re.compile(r'[A-Za-z0-9_-]{1,1400}\Z')
_LOOPBACK = {'127.0.0.1', '::1'}
_SURE = UserVerificationRequirement.REQUIRED


class PasskeyRefused(DomainError):
    """The answer is not one to our question: too late, used, of another key, or changed on the way."""

    message = N_('Ключ доступа не подошёл. Попробуйте ещё раз.')


class TooManyKeys(DomainError):
    """Ten keys are more than anybody carries."""

    message = N_('Ключей уже {most}. Удалите те, которыми не пользуетесь.')
    status = 409


@dataclass(frozen=True)
class PasskeyView:
    """One key in the person's list."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def origin(*, as_staff: bool = False) -> str:
    """Return the address at which keys work: the site's own; on this machine under the name `localhost`.

    A key is bound to a name, and an IP address is none. Keys of staff work where their consoles are.
    """
    settings = get_settings()
    parts = urlsplit(settings.staff_url if as_staff else settings.url)
    if parts.hostname not in _LOOPBACK:
        return urlunsplit((parts.scheme, parts.netloc, '', '', ''))
    port = f':{parts.port}' if parts.port else ''
    return f'{parts.scheme}://localhost{port}'


def list_own(*, actor: Actor | None) -> list[PasskeyView]:
    """Return the actor's own keys, the oldest first."""
    actor = factors.require_enroller(actor)
    rows = Passkey.select().where(Passkey.user == actor.user_id).order_by(Passkey.id)
    return [PasskeyView(row.id, row.name, row.created_at, row.used_at) for row in rows]


@transactional
def ask_to_register(*, actor: Actor | None) -> str:
    """Return the options for `navigator.credentials.create()` as JSON.

    Raises:
        StepUpRequired: see `step_up`.
        TooManyKeys: ten are there.
    """
    actor = enrolment.require(actor)
    user = factors.locked_user(actor.user_id)
    known = _descriptors(user.id)
    most = get_rules().second_factor.passkeys
    if len(known) >= most:
        raise TooManyKeys(most=most)
    options = webauthn.generate_registration_options(
        rp_id=_rp_id(actor),
        rp_name=get_settings().company_name,
        user_id=bytes.fromhex(vault.blind_index(str(user.id), 'passkey-user')),
        user_name=user.login or actor.contract_number or user.name,
        user_display_name=user.name,
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_SURE
        ),
    )
    remember(actor, Purpose.REGISTER, options.challenge)
    return webauthn.options_to_json(options)


def register(name: str, credential: str, *, actor: Actor | None) -> enrolment.Enrolled:
    """Take a new key: its public half and a name by which the person knows it.

    Raises:
        StepUpRequired: see `step_up`.
        InvalidField: no name.
        PasskeyRefused: the answer does not fit the question.
    """
    actor = enrolment.require(actor)
    known_as = clean_text('name', name, rule='passkey_name', required=True)
    challenge = take(actor, Purpose.REGISTER)
    if challenge is None:
        raise PasskeyRefused
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(credential),
            expected_challenge=challenge,
            expected_rp_id=_rp_id(actor),
            expected_origin=origin(as_staff=actor.role in STAFF),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    key = Passkey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=known_as,
        created_at=now(),
    )
    return _store(key, actor)


@transactional
def _store(key: Passkey, actor: Actor) -> enrolment.Enrolled:
    user = enrolment.hold(actor)
    if Passkey.select().where(Passkey.credential_id == key.credential_id).exists():
        raise PasskeyRefused
    key.user = user
    key.save(force_insert=True)
    audit.note('factor.passkey', f'user:{user.id}', actor=actor, passkey=key.id)
    letters.factor_changed(user, 'passkey_added', detail=key.name)
    return enrolment.finish(user, actor)


@transactional
def ask_to_show(*, actor: Actor) -> str:
    """Return the options for `navigator.credentials.get()` as JSON; for a session that owes its second step, or a
    confirmation. The caller has asked who that may be."""
    options = webauthn.generate_authentication_options(
        rp_id=_rp_id(actor), allow_credentials=_descriptors(actor.user_id), user_verification=_SURE
    )
    remember(actor, Purpose.SHOW, options.challenge)
    return webauthn.options_to_json(options)


def show(credential: str, *, actor: Actor) -> None:
    """Check what a key of the actor signed.

    Raises:
        PasskeyRefused: not his key, not our question, used before, without the person's consent, or a copied key whose
            counter stands still.
    """
    challenge = take(actor, Purpose.SHOW)
    if challenge is None:
        raise PasskeyRefused
    answer = _parsed(credential)
    key = Passkey.get_or_none((Passkey.user == actor.user_id) & (Passkey.credential_id == answer['id']))
    if key is None:
        raise PasskeyRefused
    try:
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(actor),
            expected_origin=origin(as_staff=actor.role in STAFF),
            credential_public_key=bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    _count(key, shown.new_sign_count)


@transactional
def _count(key: Passkey, sign_count: int) -> None:
    same = (Passkey.id == key.id) & (Passkey.sign_count == key.sign_count)
    if int(Passkey.update(sign_count=sign_count, used_at=now()).where(same).execute()) != 1:
        raise PasskeyRefused


@transactional
def remove(passkey_id: int, *, actor: Actor | None) -> None:
    """Forget one of the actor's own keys.

    Raises:
        StepUpRequired: see `step_up`.
        NotFound: it is somebody else's, or gone.
        LastFactor: an employee has no other.
    """
    actor = step_up.require_fresh(require_role(actor, *Role))
    user = factors.locked_user(actor.user_id)
    key = Passkey.get_or_none((Passkey.id == passkey_id) & (Passkey.user == user))
    if key is None:
        raise NotFound
    enrolment.refuse_last(user)
    key.delete_instance()
    audit.note('factor.passkey_off', f'user:{user.id}', actor=actor, passkey=key.id)
    letters.factor_changed(user, 'passkey_removed', detail=key.name)
    enrolment.drop_codes_of_nothing(user.id)


def _descriptors(user_id: int) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.select(Passkey.credential_id).where(Passkey.user == user_id).order_by(Passkey.id)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.credential_id)) for row in rows]


def _rp_id(actor: Actor) -> str:
    return urlsplit(origin(as_staff=actor.role in STAFF)).hostname or ''


def _parsed(credential: str) -> dict[str, Any]:
    if not field_rules.key_of('passkey_answer', credential):
        raise PasskeyRefused
    try:
        answer = json.loads(credential)
    except ValueError as error:
        raise PasskeyRefused from error
    if not isinstance(answer, dict) or not _is_id(answer.get('id')):
        raise PasskeyRefused
    return answer


def _is_id(text: object) -> bool:
    return isinstance(text, str) and bool(_ID.fullmatch(text))
