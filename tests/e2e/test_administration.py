"""Administration as people meet it: a new employee, a blocked one, and a subscriber who sees who looked."""

from playwright.sync_api import expect

OWN = 'кони едят овёс утром'


def test_a_new_employee_comes_in_and_is_blocked_at_once(page, new_person, sign_in, base_url, complaints):
    complaints.expected.append('status of 422')  # the blocked one at the door
    sign_in(page, 'ada')
    page.get_by_role('button', name='Управление').click()
    page.get_by_role('link', name='Сотрудники').click()
    page.get_by_role('button', name='Добавить сотрудника').click()
    page.get_by_label('Логин').fill('petrova')
    page.get_by_label('Имя и фамилия').fill('Мария Петрова')
    page.get_by_label('E-mail').fill('petrova@example.by')
    page.get_by_role('checkbox', name='Оператор').click()
    page.get_by_role('button', name='Добавить', exact=True).click()
    password = page.locator('[data-password]').inner_text()
    page.get_by_role('button', name='Пароль передан').click()
    expect(page.get_by_role('heading', name='Мария Петрова')).to_be_visible()
    expect(page.get_by_text('Ждёт первого входа')).to_be_visible()

    maria = new_person()
    sign_in(maria, 'petrova', password)
    maria.get_by_label('Новый пароль', exact=True).fill(OWN)
    maria.get_by_label('Новый пароль ещё раз').fill(OWN)
    maria.get_by_role('button', name='Сохранить').click()
    expect(maria).to_have_url(f'{base_url}/operator/')
    expect(maria.get_by_role('button', name='Управление')).to_have_count(0)

    page.reload()
    page.get_by_role('button', name='Заблокировать').click()
    page.get_by_label('Причина').fill('Ошиблись адресом')
    page.get_by_role('dialog').get_by_role('button', name='Заблокировать').click()
    expect(maria.get_by_role('button', name='Войти')).to_be_visible(timeout=4_000)
    expect(page.get_by_role('button', name='Разблокировать')).to_be_visible()
    sign_in(maria, 'petrova', OWN)
    expect(maria.get_by_text('не подходят')).to_be_visible()


def test_a_subscriber_sees_who_looked_and_the_log_is_whole(page, new_person, sign_in, base_url):
    operator = new_person()
    sign_in(operator, 'olga')
    operator.goto(f'{base_url}/operator/subscribers/100001')
    expect(operator.get_by_role('heading', name='Договор 100001')).to_be_visible()

    sign_in(page, '100001')
    page.goto(f'{base_url}/my/profile')
    page.get_by_role('link', name='Кто смотрел мои данные').click()
    line = page.get_by_role('listitem').filter(has_text='Карточка абонента')
    expect(line).to_contain_text('Оператор Ольга')

    administrator = new_person()
    sign_in(administrator, 'ada')
    administrator.get_by_role('button', name='Управление').click()
    administrator.get_by_role('link', name='Журнал').click()
    administrator.get_by_role('button', name='Проверить сейчас').click()
    expect(administrator.get_by_text('Журнал цел', exact=True)).to_be_visible()
    administrator.get_by_label('Кто', exact=True).fill('ольга')
    administrator.get_by_label('С чем').fill('100001')
    administrator.get_by_role('button', name='Найти').click()
    expect(administrator.get_by_role('row').filter(has_text='Карточка абонента 100001')).to_be_visible()
    expect(administrator.get_by_role('row')).to_have_count(2)
