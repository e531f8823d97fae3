"""Administration without a browser: who gets in, what a click does, what a subscriber sees of it."""

import pytest
from nicegui import ui
from nicegui.testing import UserInteraction

from models.user import AuditEvent, Role, User, UserRole
from services.runner import with_connection
from tests.factories import make_user
from tests.factors import make_all_stale

FOR_ADMINISTRATORS = (
    '/operator/staff',
    '/operator/staff/1',
    '/operator/audit',
    '/operator/rules',
    '/operator/rules/down_fee',
    '/operator/catalogue',
    '/operator/catalogue/I-100',
)


@with_connection
def roles_of(user_id):
    return {row.role for row in UserRole.select().where(UserRole.user == user_id)}


@with_connection
def is_blocked(user_id):
    return User.get_by_id(user_id).is_blocked


@with_connection
def must_change(user_id):
    return User.get_by_id(user_id).must_change_password


@with_connection
def refused():
    return [row.subject for row in AuditEvent.select().where(AuditEvent.action == 'refused')]


@pytest.mark.parametrize('address', FOR_ADMINISTRATORS)
async def test_an_operator_is_led_home_and_it_is_remembered(someone, olga, address):
    operator = someone(olga)
    await operator.open(address)

    await operator.should_see('Здесь пока пусто')
    assert refused() == [f'page:{address}']


async def test_only_administrators_see_the_entries(someone, olga, ada):
    for actor, sees in ((olga, False), (ada, True)):
        answer = await someone(actor).http_client.get('/operator/')
        assert ('/operator/staff' in answer.text, '/operator/audit' in answer.text) == (sees, sees)


async def test_a_new_employee_gets_a_password_that_is_shown_once(someone, ada):
    administrator = someone(ada)
    await administrator.open('/operator/staff')
    administrator.find('Добавить сотрудника').click()
    await administrator.should_see('Новый сотрудник')
    _press(administrator, 'Добавить')
    await administrator.should_see('Отметьте хотя бы одну роль.')

    for label, text in (('Логин', 'petr'), ('Имя и фамилия', 'Пётр'), ('E-mail', 'petr@example.by')):
        _field(administrator, label).value = text
    _tick(administrator, 'Техник')
    _press(administrator, 'Добавить')

    await administrator.should_see('Пароль передан, закрыть')


def _field(person, label, kind=ui.input):
    return next(each for each in person.find(kind=kind).elements if each.props['label'] == label)


def _tick(person, words):
    tick = next(each for each in person.find(kind=ui.checkbox).elements if each.text == words)
    tick.value = not tick.value


def _press(person, words):
    """Press the newest button with exactly these words: that of the dialog, when one is open."""
    found = (each for each in person.find(kind=ui.button).elements if each.text == words)
    button = max(found, key=lambda each: each.id)
    UserInteraction(person, {button}, words).click()


async def test_roles_are_changed_and_refusals_stand_beside_them(someone, ada, olga):
    administrator = someone(ada)
    await administrator.open(f'/operator/staff/{olga.user_id}')
    _tick(administrator, 'Оператор')
    _press(administrator, 'Сохранить роли')
    await administrator.should_see('Отметьте хотя бы одну роль.')
    assert roles_of(olga.user_id) == {Role.OPERATOR}

    _tick(administrator, 'Техник')
    _press(administrator, 'Сохранить роли')
    await administrator.should_see('Роли сохранены')
    assert roles_of(olga.user_id) == {Role.TECHNICIAN}


async def test_an_employee_is_blocked_with_a_reason_and_let_in_again(someone, ada, olga):
    administrator = someone(ada)
    await administrator.open(f'/operator/staff/{olga.user_id}')
    _press(administrator, 'Заблокировать')
    await administrator.should_see('Причина останется в журнале')
    _field(administrator, 'Причина', ui.textarea).value = 'Уволилась'
    _press(administrator, 'Заблокировать')

    await administrator.should_see('Разблокировать')
    assert is_blocked(olga.user_id)
    _press(administrator, 'Разблокировать')
    await administrator.should_see('После блокировки')
    assert not is_blocked(olga.user_id)


async def test_an_employee_who_forgot_his_password_gets_a_new_one_shown_once(someone, ada, olga):
    administrator = someone(ada)
    await administrator.open(f'/operator/staff/{olga.user_id}')
    _press(administrator, 'Выдать новый пароль')
    await administrator.should_see('Убедитесь, что просит сам сотрудник')
    _press(administrator, 'Выдать новый пароль')
    await administrator.should_see('Заполните это поле.')
    _field(administrator, 'Причина', ui.textarea).value = 'Забыла пароль'
    _press(administrator, 'Выдать новый пароль')

    await administrator.should_see('Пароль передан, закрыть')
    await administrator.should_see('Сейчас не в системе.')
    assert must_change(olga.user_id)


async def test_a_stale_administrator_is_asked_for_the_password_before_the_reason(someone, ada, olga):
    administrator = someone(ada)
    await administrator.open(f'/operator/staff/{olga.user_id}')
    make_all_stale(ada)
    _press(administrator, 'Выдать новый пароль')

    await administrator.should_not_see('Вход в систему')
    assert administrator.back_history[-1] == f'/my/confirm?next=%2Foperator%2Fstaff%2F{olga.user_id}'
    assert not must_change(olga.user_id)


async def test_ones_own_card_has_no_block_and_no_new_password(someone, ada):
    administrator = someone(ada)
    await administrator.open(f'/operator/staff/{ada.user_id}')

    await administrator.should_see('Это вы.')
    words = {each.text for each in administrator.find(kind=ui.button).elements}
    assert not words & {'Заблокировать', 'Выдать новый пароль'}


async def test_an_unknown_employee_is_a_page_not_found(someone, ada, anna):
    administrator = someone(ada)
    for wrong in (anna.user_id, 'x', 10**12):
        answer = await administrator.http_client.get(f'/operator/staff/{wrong}')
        assert answer.status_code == 404


async def test_the_log_is_filtered_by_the_address_and_checked_by_a_button(someone, ada, olga):
    make_user(Role.OPERATOR, login='petr', name='<b>Пётр</b>')
    administrator = someone(ada)
    await administrator.open('/operator/audit?who=nobody&since=nonsense&before=-1&what=%00&subject=%00')
    await administrator.should_see('Таких записей нет')
    await administrator.should_see('Журнал ещё не проверяли')

    _press(administrator, 'Проверить сейчас')
    await administrator.should_see('Журнал цел')


async def test_a_subscriber_sees_who_opened_the_card(someone, anna, olga):
    operator, subscriber = someone(olga), someone(anna)
    before = await subscriber.http_client.get('/my/data-access')
    assert 'Пока никто не смотрел' in before.text

    await operator.open('/operator/subscribers/100001')

    after = await subscriber.http_client.get('/my/data-access')
    assert 'Карточка абонента' in after.text
    assert 'Оператор Ольга' in after.text
    for place in ('/my/profile', '/my/security'):
        assert '/my/data-access' in (await subscriber.http_client.get(place)).text


async def test_an_operator_ends_the_sessions_of_a_caller(someone, anna, olga):
    operator, subscriber = someone(olga), someone(anna)
    await subscriber.open('/my/profile')
    await operator.open('/operator/subscribers/100001')
    _press(operator, 'Завершить сеансы')
    _field(operator, 'Причина', ui.textarea).value = 'Потеряла телефон'
    _press(operator, 'Завершить сеансы')

    await operator.should_see('Сейчас не в кабинете')


async def test_a_rule_is_changed_from_a_day_and_taken_back(someone, ada):
    administrator = someone(ada)
    await administrator.open('/operator/rules')
    await administrator.should_see('Срок обещанного платежа')

    await administrator.open('/operator/rules/promise_days')
    _field(administrator, 'Новое значение').value = '60'
    _press(administrator, 'Назначить')
    await administrator.should_see('Можно от 1 до 30.')
    await administrator.should_see('Заполните это поле.')

    _field(administrator, 'Новое значение').value = '7'
    _field(administrator, 'Причина', ui.textarea).value = 'Решение директора'
    _press(administrator, 'Назначить')
    await administrator.should_see('7\N{NO-BREAK SPACE}дней с завтра')

    _press(administrator, 'Отменить изменение')
    await administrator.should_see('отменено')


async def test_a_rule_that_does_not_exist_is_a_missing_page(someone, ada):
    answer = await someone(ada).http_client.get('/operator/rules/nothing')

    assert answer.status_code == 404


async def test_a_price_is_announced_and_taken_back(someone, ada):
    administrator = someone(ada)
    await administrator.open('/operator/catalogue')
    await administrator.should_see('Комфорт')

    await administrator.open('/operator/catalogue/I-100')
    _field(administrator, 'Цена в месяц, с НДС').value = '29,90'
    _press(administrator, 'Объявить')
    await administrator.should_see('кто без почты, получит СМС')
    _press(administrator, 'Объявить и написать')
    await administrator.should_see('Столько стоит и сейчас. Введите другую сумму.')
    await administrator.should_see('Заполните это поле.')

    _field(administrator, 'Цена в месяц, с НДС').value = '31,90'
    _field(administrator, 'Причина', ui.textarea).value = 'Подорожала магистраль'
    _press(administrator, 'Объявить')
    await administrator.should_see('Объявить и написать')
    _press(administrator, 'Объявить и написать')
    await administrator.should_see('Объявлена новая цена')

    _press(administrator, 'Отозвать цену')
    await administrator.should_see('Отозвать и написать')
    _press(administrator, 'Отозвать и написать')
    await administrator.should_see('Цена отозвана')


async def test_a_tariff_goes_to_the_archive_and_back(someone, ada):
    administrator = someone(ada)
    await administrator.open('/operator/catalogue/I-50')
    _press(administrator, 'Убрать в архив')
    await administrator.should_see('В архиве: только у тех')
    _press(administrator, 'Вернуть в продажу')
    await administrator.should_see('В архиве остаётся')


async def test_a_tariff_that_does_not_exist_is_a_missing_page(someone, ada):
    answer = await someone(ada).http_client.get('/operator/catalogue/nothing')

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ('name', 'home'), [('anna', '/my/index'), ('olga', '/operator/'), ('taras', '/field/'), ('ada', '/operator/')]
)
async def test_an_unknown_page_leads_everybody_to_his_own_home(someone, request, name, home):
    answer = await someone(request.getfixturevalue(name)).http_client.get('/no-such-page')

    assert answer.status_code == 404
    assert f'<a class="button button--green" href="{home}">' in answer.text


async def test_a_mistake_in_a_reset_keeps_the_sections_of_the_console(someone, olga):
    form = {'known_as': 'nobody', 'reason': 'Пришёл в офис с паспортом'}
    ours = {'origin': 'http://test'}
    answer = await someone(olga).http_client.post('/operator/factor-resets', data=form, headers=ours)

    assert answer.status_code == 422
    assert 'Такого логина или договора нет.' in answer.text
    assert 'class="console__nav' in answer.text
