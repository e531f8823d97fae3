"""Запасные коды: ten codes for the day when the phone is lost; shown once, kept as keyed hashes, each works once."""

import secrets

from models.second_factor import RecoveryCode
from models.user import Role
from services import audit
from services.authority import Actor, require_role
from services.clock import now
from services.errors import N_, DomainError
from services.identity import factors, step_up, vault
from services.identity.auth_rules import get_rules
from services.messages.letters import factor as letters
from services.runner import transactional

_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'  # Crockford's: no letter is taken for a digit
_GROUPS, _GROUP = 6, 4
LENGTH = _GROUPS * _GROUP
"""Characters of five bits each: 120 bits. From 112 on a fast keyed hash is enough (ASVS 6.5.2)."""
_LOOKALIKES = str.maketrans('oil', '011')


class NoFactor(DomainError):
    """Recovery codes stand in for a factor; without one there is nothing to stand in for."""

    message = N_('Сначала подключите приложение с кодами или ключ доступа.')
    status = 409


@transactional
def renew(*, actor: Actor | None) -> list[str]:
    """Make ten new codes and return them, this one time; the old ones are dead.

    Raises:
        StepUpRequired: see `step_up`.
        NoFactor: there is no factor these could replace.
    """
    actor = step_up.require_fresh(require_role(actor, *Role))
    user = factors.locked_user(actor.user_id)
    if not factors.has_any(user.id):
        raise NoFactor
    codes = make(user.id)
    audit.note('factor.codes', f'user:{user.id}', actor=actor)
    letters.factor_changed(user, 'codes_made')
    return codes


def make(user_id: int) -> list[str]:
    """Replace a person's codes inside the caller's transaction; returns them as they are shown: `k7mq-2xfd-…`."""
    RecoveryCode.delete().where(RecoveryCode.user == user_id).execute()
    codes = [
        ''.join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
        for _ in range(get_rules().second_factor.recovery_codes)
    ]
    moment = now()
    for code in codes:
        RecoveryCode.create(user=user_id, code_hash=_hashes(user_id, code)[0], created_at=moment)
    return ['-'.join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP)) for code in codes]


def looks_like_one(typed: str) -> bool:
    """Tell whether a person typed a recovery code rather than six digits."""
    return len(_plain(typed)) == LENGTH


@transactional
def spend(user_id: int, typed: str) -> bool:
    """Use up a code; False when it is none of this person's or was used."""
    is_it = RecoveryCode.code_hash.in_(_hashes(user_id, _plain(typed)))
    mine = (RecoveryCode.user == user_id) & is_it & RecoveryCode.used_at.is_null()
    return int(RecoveryCode.update(used_at=now()).where(mine).execute()) == 1


def _plain(typed: str) -> str:
    return ''.join(c for c in typed[:64].lower() if c.isalnum()).translate(_LOOKALIKES)


def _hashes(user_id: int, code: str) -> tuple[str, ...]:
    return vault.blind_indexes(f'{user_id}:{code}', 'recovery-code')
