"""Arguments for the second factor: of the sign-in, of confirming, of setting one up, and of a reset by colleagues.

What a person shows is his own, so each has an app, a key or a question of his own; `Of` picks it by the session.
"""

from models.second_factor import FactorReset, Passkey
from models.user import Role, SecondStep, Session
from services.identity import factor_reset, passkeys, totp
from tests import factories
from tests.authenticator import SoftKey
from tests.authz.given import Of, given, plain
from tests.factors import code, give_app, give_key

REASON = 'Паспорт проверен в офисе'


def _everybody(w):
    return [actor for actor in w.people.values() if actor]


def _each(w, make):
    """Make something for everybody, and pick what belongs to whoever calls."""
    made = {actor.session_hash: make(actor) for actor in _everybody(w)}
    return Of(lambda actor: made[actor.session_hash])


def _with_apps(w):
    for actor in _everybody(w):
        give_app(actor, is_shown=True)


def _owing(w):
    """Give everybody an app; the sessions have not shown it yet."""
    _with_apps(w)
    Session.update(second_step=SecondStep.ASK).execute()


def _asked(w):
    _owing(w)
    return given()


def _shown_code(w):
    _owing(w)
    return given(code())


def _shown_key(w):
    answer = _each(w, _answer_of_a_key)
    Session.update(second_step=SecondStep.ASK).execute()
    return given(answer)


def _answer_of_a_key(actor):
    return give_key(actor).get(passkeys.ask_to_show(actor=actor))


def _new_key(w):
    return given('Телефон', _each(w, lambda actor: SoftKey().create(passkeys.ask_to_register(actor=actor))))


def _own_key(w):
    give_key(w.owner)
    return given(Passkey.get(Passkey.user == w.owner.user_id).id)


def _new_codes(w):
    _with_apps(w)
    return given()


def _begun(w):
    for actor in _everybody(w):
        totp.begin(actor=actor)
    return given()


def _first_code(w):
    _begun(w)
    return given(_each(w, lambda actor: code(secret=totp.setup(actor=actor).secret.replace(' ', ''))))


def _app_and_key(w):
    for actor in _everybody(w):
        give_key(actor)
    _with_apps(w)
    return given()


def _to_request(w):
    give_app(w.owner, is_shown=True)
    return given(w.contract.number, REASON)


def _requested(w):
    asker = factories.make_user(Role.ADMINISTRATOR, login='oleg', name='Олег')
    factor_reset.request(*_to_request(w).args, actor=factories.actor(asker, Role.ADMINISTRATOR))
    return given(FactorReset.get().id)


def _waiting(w):
    _requested(w)
    return given()


RECIPES = {
    'identity.confirming.ask_passkey': plain,
    'identity.confirming.asked': plain,
    'identity.confirming.confirm': lambda w: given(factories.PASSWORD, '', ''),
    'identity.factor_reset.confirm': _requested,
    'identity.factor_reset.decline': _requested,
    'identity.factor_reset.list_waiting': _waiting,
    'identity.factor_reset.request': _to_request,
    'identity.factors.own': plain,
    'identity.passkeys.ask_to_register': plain,
    'identity.passkeys.list_own': plain,
    'identity.passkeys.register': _new_key,
    'identity.passkeys.remove': _own_key,
    'identity.recovery_codes.renew': _new_codes,
    'identity.second_step.ask_passkey': _asked,
    'identity.second_step.asked': _asked,
    'identity.second_step.pass_by_code': _shown_code,
    'identity.second_step.pass_by_passkey': _shown_key,
    'identity.totp.begin': plain,
    'identity.totp.confirm': _first_code,
    'identity.totp.remove': _app_and_key,
    'identity.totp.setup': _begun,
}
