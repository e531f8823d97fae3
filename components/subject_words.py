"""What an employee opened, in words: in the audit log, and to the person whose data it was."""

from services.errors import N_

SUBJECTS = {
    'contract': N_('Карточка абонента'),
    'application': N_('Заявка'),
    'visit': N_('Выезд'),
    'chat': N_('Переписка в чате'),
    'picture': N_('Фото'),
    'payments': N_('Платежи'),
    'payment': N_('Платёж'),
    'document': N_('Договор и другие документы'),
    'user': N_('Учётная запись'),
    'page': N_('Страница'),
    'rule': N_('Правило'),
    'tariff': N_('Тариф'),
    'tv': N_('Телевидение'),
    'addon': N_('Услуга'),
    'rent': N_('Аренда'),
    'guard': N_('Защита страниц'),
    'audit': N_('Журнал'),
    'books': N_('Книги'),
    'billing': N_('Списание'),
    'usage': N_('Показания'),
}
