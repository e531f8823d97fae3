"""Words of the check of the books: what each invariant says (SECURITY §2.4), and its lines in plain Russian."""

import re

from components.i18n import _
from services.errors import N_

_INVARIANTS = {
    'I1': N_('Проводки не дают в сумме ноль'),
    'I2': N_('Операция без второй проводки'),
    'I3': N_('Остаток счёта не равен сумме его проводок'),
    'I4': N_('Одна операция записана дважды'),
    'I5': N_('Платежи не совпадают с операциями'),
    'I6': N_('Месяц списан дважды или без основания'),
    'I7': N_('Счёт ушёл в минус от заказа'),
    'I8': N_('Цепочка меток операций прервана'),
    'I9': N_('Реестр банка не сходится с книгами'),
    'I10': N_('Письма не уходят'),
    'I11': N_('Выгрузка книг не складывается'),
}
_LINES = {
    re.compile(r'all entries in (\S+) sum to (\S+), not zero'): N_(
        'все проводки в {0} дают в сумме {1} коп. вместо нуля'
    ),
    re.compile(r'the entries of operation (\S+) in (\S+) sum to (\S+), not zero'): N_(
        'проводки операции {0} в {1} дают в сумме {2} коп. вместо нуля'
    ),
    re.compile(r'operation (\S+) has (\S+) entries'): N_('у операции {0} проводок: {1}, нужно не меньше двух'),
    re.compile(r'entry (\S+) belongs to no operation'): N_('проводка {0} не относится ни к одной операции'),
    re.compile(r'account (\S+) says (\S+) after (\S+) entries, its (\S+) entries sum to (\S+)'): N_(
        'на счёте № {0} записано {1} коп. и {2} проводок, а по проводкам ({3}) выходит {4} коп.'
    ),
    re.compile(r'entry (\S+) says (\S+) after it, the entries up to it sum to (\S+)'): N_(
        'после проводки {0} записан остаток {1} коп., а по проводкам до неё выходит {2} коп.'
    ),
    re.compile(r'(\S+) operations with the key (.+)'): N_('операций с одним ключом «{1}»: {0}'),
    re.compile(r'contract (\S+) was charged for (\S+) (\S+) times'): N_(
        'договор (запись {0}): месяц {1} списан раз: {2}'
    ),
    re.compile(r'operation (\S+) \((.+)\) belongs to no charge of its contract and month'): N_(
        'операция {0} ({1}) не относится ни к одному списанию своего договора и месяца'
    ),
    re.compile(r'operation (\S+) \((.+)\) belongs to no reading of a settled month'): N_(
        'операция {0} ({1}) не относится ни к одному показанию закрытого месяца'
    ),
    re.compile(r'operation (\S+) \((.+)\) charges a month that is suspended as a whole'): N_(
        'операция {0} ({1}) списывает месяц, который весь приостановлен'
    ),
    re.compile(r'operation (\S+) \((.+)\) left a wallet at (\S+)'): N_('операция {0} ({1}) оставила на счёте {2} коп.'),
    re.compile(r'what was ordered by quote (\S+) left a wallet at (\S+)'): N_(
        'заказ по расчёту {0} оставил на счёте {1} коп.'
    ),
    re.compile(r'the journal does not add up: (.+)'): N_('выгрузка не складывается: {0}'),
    re.compile(r'payment (\S+) of (\S+) has succeeded, but operation (\S+) booked another sum'): N_(
        'платёж {0} на {1} коп. прошёл, а операция {2} записала другую сумму'
    ),
    re.compile(r'payment (\S+) of (\S+) has succeeded, but no operation booked it'): N_(
        'платёж {0} на {1} коп. прошёл, а операции по нему нет'
    ),
    re.compile(r'operation (\S+) books a payment nobody made'): N_('операция {0} записала платёж, которого не было'),
    re.compile(r'refund (\S+) of (\S+) is done, but operation (\S+) booked another sum'): N_(
        'возврат {0} на {1} коп. сделан, а операция {2} записала другую сумму'
    ),
    re.compile(r'refund (\S+) of (\S+) is done, but no operation booked it'): N_(
        'возврат {0} на {1} коп. сделан, а операции по нему нет'
    ),
    re.compile(r'operation (\S+) books a refund nobody made'): N_('операция {0} записала возврат, которого не было'),
    re.compile(r'payment (\S+) of (\S+) is (\S+), and (\S+) went back'): N_(
        'платёж {0} на {1} коп. в состоянии «{2}», а вернули {3} коп.'
    ),
    re.compile(r'contract (\S+) got (\S+) back and had paid (\S+)'): N_(
        'договор (запись {0}): вернули {1} коп., а заплатил {2} коп.'
    ),
    re.compile(r"the gateway's register sums to (\S+), its payments on the clearing account to (\S+)"): N_(
        'по реестру банка {0} коп., а на расчётах с банком {1} коп.'
    ),
    re.compile(r'operation (\S+) of kind (\S+) stands on the clearing account'): N_(
        'операция {0} вида «{1}» стоит на расчётах с банком, где ей не место'
    ),
    re.compile(r'operation (\S+) promises a letter that was never written'): N_('по операции {0} не написано письмо'),
    re.compile(r'letter (\S+) \((.+)\) is due for more than a day'): N_('письмо {0} ({1}) не уходит больше суток'),
    re.compile(r'operation (\S+) or an entry of it was changed, removed, or written by somebody without the key'): N_(
        'операцию {0} или её проводку изменили, удалили или записали в обход программы'
    ),
    re.compile(r'operations before (\S+) are missing, were moved or put in between'): N_(
        'операции перед {0} пропали, переставлены или вставлены'
    ),
    re.compile(r'operation (\S+) has no mark'): N_('у операции {0} нет метки'),
    re.compile(r'operation (\S+) is in the chain and nowhere else'): N_(
        'операция {0} есть в цепочке меток, а самой её нет'
    ),
    re.compile(r'operations at the end are missing: an anchor knows longer books'): N_(
        'последние операции пропали: в письме о книгах их было больше'
    ),
    re.compile(r'the end was written anew: an anchor knows another operation in its place'): N_(
        'конец книг переписан: в письме о книгах на этом месте другая операция'
    ),
}


def invariant_words(name: str) -> str:
    """Return what is wrong when an invariant does not hold."""
    return _(_INVARIANTS[name]) if name in _INVARIANTS else name


def line_words(line: str) -> str:
    """Return a line of the check in Russian; one that is not known as it is."""
    for pattern, words in _LINES.items():
        if found := pattern.fullmatch(line):
            return _(words).format(*found.groups())
    return line
