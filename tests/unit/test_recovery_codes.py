"""Recovery codes: ten, shown once, kept as hashes, each opens one door once."""

import re
import threading

import pytest

from models.base import database
from models.second_factor import RecoveryCode
from services.errors import NotAllowed, SignInRequired
from services.identity import recovery_codes, step_up
from tests.factors import enter, give_app, give_key, make_stale


def test_ten_different_codes_of_120_bits(db, anna):
    codes = recovery_codes.make(anna.user_id)

    assert len(set(codes)) == 10
    assert len(recovery_codes._ALPHABET) == 32
    assert [code for code in codes if not re.fullmatch(r'[0-9a-z]{4}(-[0-9a-z]{4}){5}', code)] == []
    assert recovery_codes.LENGTH * 5 >= 112, 'fewer bits need a slow hash with a salt (ASVS 6.5.2)'


def test_no_code_is_kept_in_the_open(db, anna):
    codes = recovery_codes.make(anna.user_id)
    kept = ' '.join(row.code_hash for row in RecoveryCode.select())

    assert not [code for code in codes if code in kept or code.replace('-', '') in kept]


def test_a_code_works_once(db, anna):
    first, second, *_ = recovery_codes.make(anna.user_id)

    assert recovery_codes.spend(anna.user_id, first)
    assert not recovery_codes.spend(anna.user_id, first)
    assert recovery_codes.spend(anna.user_id, second)


def test_a_code_may_be_typed_as_people_type(db, anna):
    code = recovery_codes.make(anna.user_id)[0]

    assert recovery_codes.spend(anna.user_id, f' {code.upper().replace("-", " ").replace("0", "O").replace("1", "I")} ')


def test_somebody_elses_code_opens_nothing(db, anna, boris):
    code = recovery_codes.make(anna.user_id)[0]

    assert not recovery_codes.spend(boris.user_id, code)
    assert recovery_codes.spend(anna.user_id, code)


def test_new_codes_kill_the_old_ones(db, anna):
    give_key(anna)
    old = recovery_codes.make(anna.user_id)

    new = recovery_codes.renew(actor=anna)

    assert not recovery_codes.spend(anna.user_id, old[0])
    assert recovery_codes.spend(anna.user_id, new[0])


def test_without_a_factor_there_are_no_codes(db, anna):
    with pytest.raises(recovery_codes.NoFactor):
        recovery_codes.renew(actor=anna)


def test_new_codes_are_given_to_the_owner_alone(db, anna):
    give_app(anna)

    with pytest.raises(SignInRequired):
        recovery_codes.renew(actor=None)
    with pytest.raises(NotAllowed):
        recovery_codes.renew(actor=enter('100001'))
    make_stale(anna)
    with pytest.raises(step_up.StepUpRequired):
        recovery_codes.renew(actor=anna)


def test_of_two_uses_at_the_same_moment_one_opens(committed_db):
    from tests import cast

    anna = cast._anna()
    with database.connection_context():
        code = recovery_codes.make(anna.user_id)[0]
    opened, start = [], threading.Barrier(2)

    def use():
        with database.connection_context():
            start.wait(5)
            opened.append(recovery_codes.spend(anna.user_id, code))

    threads = [threading.Thread(target=use) for _ in range(2)]
    [t.start() for t in threads]
    [t.join(20) for t in threads]

    assert sorted(opened) == [False, True]
