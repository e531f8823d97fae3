"""The audit log in words: who, what was done, and to what."""

from components.application_words import state_word, visit_word
from components.i18n import _
from components.subject_words import SUBJECTS
from models.application import ApplicationStatus
from models.user import Role
from models.visit import VisitStatus
from services import field_rules
from services.chains.verification import Fault
from services.errors import N_

_ROLES = {
    Role.SUBSCRIBER: N_('Абонент'),
    Role.OPERATOR: N_('Оператор'),
    Role.TECHNICIAN: N_('Техник'),
    Role.ADMINISTRATOR: N_('Администратор'),
}
_ACTIONS = {
    'read': N_('Просмотр'),
    'refused': N_('Отказ: нет прав или нет такого'),
    'guard.refuse': N_('Отброшено защитой страниц'),
    'session.begin': N_('Вход'),
    'session.refuse': N_('Неудачный вход'),
    'session.leave': N_('Выход'),
    'session.role': N_('Смена роли'),
    'session.end': N_('Завершён сеанс'),
    'session.end_others': N_('Завершены остальные сеансы'),
    'session.end_all': N_('Завершены все сеансы'),
    'password.change': N_('Сменён пароль'),
    'password.refuse': N_('Неверный нынешний пароль'),
    'factor.refuse': N_('Неверный второй фактор'),
    'recovery.request': N_('Запрошено восстановление'),
    'recovery.use': N_('Пароль восстановлен'),
    'recovery.refuse': N_('Неудачное восстановление'),
    'profile.phone': N_('Сменён телефон'),
    'profile.email': N_('Сменён e-mail'),
    'application.take': N_('Заявка взята в работу'),
    'application.call': N_('Звонок по заявке'),
    'application.note': N_('Заметка к заявке'),
    'application.correct': N_('Исправлены контакты'),
    'visit.schedule': N_('Назначен выезд'),
    'visit.call_off': N_('Снят выезд'),
    'visit.cancel': N_('Отменён выезд'),
    'visit.line': N_('Записана проверка линии'),
    'visit.equipment': N_('Записано оборудование'),
    'visit.complete': N_('Выезд завершён'),
    'visit.photo_remove': N_('Убрано фото выезда'),
    'contract.draft': N_('Подготовлен договор'),
    'contract.papers': N_('Внесены данные документа'),
    'contract.print': N_('Распечатан договор'),
    'contract.sign': N_('Подписан договор'),
    'contract.void': N_('Договор не подписан'),
    'contract.suspend': N_('Приостановка'),
    'contract.resume': N_('Возобновление'),
    'contract.end_ask': N_('Просьба о расторжении'),
    'contract.end_money': N_('Изменено, куда вернуть остаток'),
    'contract.end_withdraw': N_('Отозвана просьба о расторжении'),
    'contract.end': N_('Договор расторгнут'),
    'equipment.charge': N_('Списано за невозвращённое оборудование'),
    'payout.ask': N_('Запрошен возврат остатка'),
    'payout.book': N_('Возвращён остаток'),
    'payout.approve': N_('Подтверждён возврат остатка'),
    'payout.refuse': N_('Отклонён возврат остатка'),
    'equipment.return': N_('Принято оборудование'),
    'equipment.order': N_('Заказано оборудование'),
    'equipment.cancel': N_('Отменён заказ оборудования'),
    'equipment.hand_over': N_('Выдано оборудование'),
    'equipment.buy_out': N_('Выкуплено оборудование'),
    'equipment.announce': N_('Объявлен возврат оборудования'),
    'equipment.keep': N_('Отменён возврат оборудования'),
    'credentials.issue': N_('Выдан доступ в кабинет'),
    'credentials.reissue': N_('Выдан новый пароль'),
    'credentials.seal': N_('Доступ передан'),
    'tariff.change': N_('Смена тарифа'),
    'tariff.cancel': N_('Отмена смены тарифа'),
    'addon.connect': N_('Подключена услуга'),
    'addon.disconnect': N_('Отключена услуга'),
    'autopay.on': N_('Включён автоплатёж'),
    'autopay.off': N_('Выключен автоплатёж'),
    'autopay.pay': N_('Начат автоплатёж'),
    'autopay.stop': N_('Автоплатёж выключился сам'),
    'card.keep': N_('Сохранена карта'),
    'card.remove': N_('Удалена карта'),
    'payment.promise': N_('Обещанный платёж'),
    'payment.quarantine': N_('Платёж отложен на проверку'),
    'payment.refunded': N_('Банк вернул деньги'),
    'payment.take': N_('Принят платёж с документом'),
    'payment.cancel': N_('Отменён платёж с документом'),
    'refund.ask': N_('Запрошен возврат через банк'),
    'refund.send': N_('Отправлен возврат через банк'),
    'refund.approve': N_('Подтверждён возврат через банк'),
    'refund.refuse': N_('Отклонён возврат через банк'),
    'quarantine.ask': N_('Запрошено зачисление отложенного платежа'),
    'quarantine.credit': N_('Зачислен отложенный платёж'),
    'quarantine.approve': N_('Подтверждено зачисление отложенного платежа'),
    'quarantine.refuse': N_('Отклонено зачисление отложенного платежа'),
    'quarantine.note': N_('Заметка об отложенном платеже'),
    'correction.ask': N_('Запрошено исправление счёта'),
    'correction.book': N_('Исправлен счёт'),
    'correction.approve': N_('Подтверждено исправление счёта'),
    'correction.refuse': N_('Отклонено исправление счёта'),
    'chat.send': N_('Сообщение в чате'),
    'user.create': N_('Добавлен сотрудник'),
    'user.password': N_('Выдан новый пароль сотруднику'),
    'user.roles': N_('Изменены роли'),
    'user.block': N_('Сотрудник заблокирован'),
    'user.unblock': N_('Сотрудник разблокирован'),
    'price.announce': N_('Объявлена цена'),
    'price.withdraw': N_('Отозвана цена'),
    'catalogue.archive': N_('Убрано в архив'),
    'catalogue.sell': N_('Снова в продаже'),
    'tariff.targets': N_('На какие тарифы можно перейти'),
    'rule.change': N_('Назначено изменение правила'),
    'rule.withdraw': N_('Отменено изменение правила'),
    'audit.check': N_('Проверен журнал'),
    'line.settle': N_('Список линий начат: сделано раньше'),
    'line.tick': N_('Отмечена линия'),
    'line.untick': N_('Возвращена отметка линии'),
    'books.begin': N_('Книги взяты под метки'),
    'books.check': N_('Проверены книги'),
    'books.stop': N_('Расчёты остановлены'),
    'books.resume': N_('Расчёты продолжены'),
    'billing.start': N_('Начато списание за месяц'),
    'building.load': N_('Загружена таблица домов'),
    'usage.take': N_('Загружены показания трафика'),
    'audit.begin': N_('Начата цепочка журнала'),
}
_LISTS = {
    'list:applications': N_('Список заявок'),
    'list:subscribers': N_('Список абонентов'),
    'list:visits': N_('Список выездов'),
    'list:chats': N_('Список чатов'),
    'list:payments': N_('Список платежей'),
    'list:debts': N_('Список долгов'),
    'list:debts-table': N_('Таблица долгов'),
    'list:terminations': N_('Список расторжений'),
    'list:equipment': N_('Список заказов и возвратов'),
    'list:corrections': N_('Список исправлений'),
    'list:lines': N_('Список линий'),
    'list:staff': N_('Список сотрудников'),
}
_FACTS = {
    'amount': N_('сумма'),
    'application': N_('заявка'),
    'before': N_('было'),
    'by': N_('кем'),
    'code': N_('код'),
    'charged': N_('списано'),
    'contracts': N_('договоров'),
    'correction': N_('исправление'),
    'entries': N_('записей'),
    'faults': N_('нарушения'),
    'operations': N_('операций'),
    'fault': N_('нарушение'),
    'goes': N_('стало'),
    'lines': N_('линий'),
    'fee': N_('цена'),
    'fields': N_('поля'),
    'login': N_('логин'),
    'operation': N_('операция'),
    'on': N_('с какого дня'),
    'paper': N_('номер бумаги'),
    'payout': N_('возврат'),
    'rest': N_('остаток'),
    'returned': N_('возвращено'),
    'order': N_('заказ'),
    'outcome': N_('итог'),
    'photo': N_('фото'),
    'price': N_('цена'),
    'reason': N_('причина'),
    'role': N_('роль'),
    'roles': N_('роли'),
    'serial': N_('серийный номер'),
    'session': N_('сеанс'),
    'sessions': N_('сеансов'),
    'unit': N_('устройство'),
    'value': N_('значение'),
    'visit': N_('выезд'),
    'way': N_('как'),
    'why': N_('почему'),
    'people': N_('чьи страницы'),
    'host': N_('чужое имя сайта'),
    'origin': N_('запрос с чужого сайта'),
    'closed': N_('закрытый вход'),
    'pages': N_('лишние страницы'),
    'sockets': N_('лишние соединения'),
    'frames': N_('лишние сообщения'),
    'page': N_('чужая страница'),
    'event': N_('подделанные события'),
    'rate': N_('слишком частые события'),
    'targets': N_('тарифы для перехода'),
    'told': N_('кому написали'),
    'vat': N_('НДС, %'),
    'touch': N_('недоступные кнопки и поля'),
}
_VALUES = {
    'client': N_('клиент сам'),
    'command line': N_('командная строка'),
    'reached': N_('дозвонились'),
    'rent': N_('аренда'),
    'buy': N_('покупка'),
    'no_answer': N_('не дозвонились'),
    'later': N_('просили перезвонить'),
    'NotAllowed': N_('нет прав'),
    'NotFound': N_('нет такого или чужое'),
    'TooManyRequests': N_('слишком часто'),
    'WrongCredentials': N_('номер или пароль не подходят'),
    'OneTimePasswordExpired': N_('одноразовый пароль устарел'),
    'CaptchaNeeded': N_('нужен код с картинки'),
    'CaptchaWrong': N_('код с картинки не подошёл'),
    'TooSoon': N_('слишком часто'),
    'SecondsTooSoon': N_('слишком часто'),
}
_FAULTS = {
    Fault.EDITED: N_('Запись изменена или подделана.'),
    Fault.LINK: N_('Перед записью не хватает других, или они переставлены.'),
    Fault.UNCHAINED: N_('Запись добавлена в обход программы.'),
    Fault.CUT: N_('Конец журнала обрезан.'),
    Fault.REWRITTEN: N_('Конец журнала переписан.'),
}


def role_word(role: Role) -> str:
    """Return «Оператор»."""
    return _(_ROLES[role])


def actions() -> dict[str, str]:
    """Return the actions one can look for, with their words, by word."""
    return dict(sorted(((action, _(words)) for action, words in _ACTIONS.items()), key=lambda pair: pair[1]))


def action_word(action: str) -> str:
    """Return what was done; a step of an application or a visit by its state; what has no words as it stands."""
    kind, _dot, state = action.partition('.')
    if action in _ACTIONS:
        return _(_ACTIONS[action])
    if kind == 'application' and state in set(ApplicationStatus):
        return _('Заявка: {state}').format(state=_small(state_word(ApplicationStatus(state)).word))
    if kind == 'visit' and state in set(VisitStatus):
        return _('Выезд: {state}').format(state=_small(visit_word(VisitStatus(state)).word))
    if kind == 'visit' and state in set(ApplicationStatus):
        return _('Выезд: {state}').format(state=_small(state_word(ApplicationStatus(state)).word))
    return action


def deed(action: str, kind: str) -> str:
    """Return what an employee did with somebody's data: «Карточка абонента», or the action when it was more."""
    return _(SUBJECTS.get(kind, kind)) if action == 'read' else action_word(action)


def subject_word(subject: str) -> str:
    """Return «Карточка абонента 100001»; what has no words as it stands."""
    if subject in _LISTS:
        return _(_LISTS[subject])
    kind, _colon, name = subject.partition(':')
    words = SUBJECTS.get(kind)
    if name == 'unknown':
        return _('Неизвестный логин')
    return f'{_(words)} {name}'.strip() if words else subject


def subject_link(subject: str) -> str:
    """Return where a subject can be looked at, or nothing."""
    kind, _colon, name = subject.partition(':')
    places = {
        'contract': '/operator/subscribers/',
        'application': '/operator/applications/',
        'chat': '/operator/chats/',
    }
    is_number = field_rules.rule('contract_number').fits(name)
    return places[kind] + name if kind in places and is_number else ''


def facts_line(facts: dict[str, object]) -> str:
    """Return the facts of a line as text: «причина: Потерял карточку · сеансов: 2»."""
    pairs = sorted(
        (_(_FACTS.get(name, name)), _fact(value)) for name, value in facts.items() if value not in ('', None)
    )
    return ' · '.join(f'{name}: {value}' for name, value in pairs)


def _fact(value: object) -> str:
    if isinstance(value, list):
        return ', '.join(_fact(each) for each in value)
    text = str(value)
    return _small(role_word(Role(text))) if text in set(Role) else _(_VALUES.get(text, text))


def fault_word(fault: Fault) -> str:
    """Return what is wrong with the log."""
    return _(_FAULTS[fault])


def _small(word: str) -> str:
    return word[:1].lower() + word[1:]
