"""The site map: every module of pages, in the order a person meets them.

A module with plain routes has `register(app)`; a module with `@ui.page` registers its pages when it is imported.
Importing happens in `register`, not at the top: NiceGUI's test kit forgets page modules between tests.
"""

from importlib import import_module

from fastapi import FastAPI

SITE_MAP = (
    # what anybody sees
    'pages.public.legal',
    'pages.public.regions',
    'pages.public.language',
    'pages.public.for_robots',
    'pages.public.installable',
    'pages.public.brand',
    'pages.public.contacts',
    'pages.public.tariffs',
    'pages.public.address',
    'pages.public.constructor',
    'pages.public.application',
    'pages.public.tracker',
    'pages.public.tracker_visit',
    # the door
    'pages.entry.sign_in',
    'pages.entry.captcha',
    'pages.entry.recovery',
    'pages.entry.first_login',
    'pages.entry.second_step',
    'pages.entry.confirm',
    'pages.entry.factors',
    'pages.entry.security',
    'pages.entry.access',
    # the subscriber's cabinet
    'pages.cabinet.overview',
    'pages.cabinet.tariff',
    'pages.cabinet.services',
    'pages.cabinet.equipment',
    'pages.cabinet.suspension',
    'pages.cabinet.termination',
    'pages.cabinet.history',
    'pages.cabinet.documents',
    'pages.cabinet.profile',
    'pages.cabinet.who_looked',
    'pages.cabinet.privacy',
    'pages.cabinet.access',
    'pages.cabinet.pay',
    'pages.cabinet.pay_card',
    'pages.cabinet.pay_return',
    'pages.cabinet.cards',
    'pages.cabinet.pay_erip',
    'pages.cabinet.pay_other',
    'pages.cabinet.receipts',
    'pages.cabinet.chat',
    # the operator's console
    'pages.operator.applications',
    'pages.operator.application',
    'pages.operator.visits',
    'pages.operator.subscribers',
    'pages.operator.subscriber',
    'pages.operator.chats',
    'pages.operator.payments',
    'pages.operator.payment',
    'pages.operator.manual_payments',
    'pages.operator.registries',
    'pages.operator.billing',
    'pages.operator.usage',
    'pages.operator.debts',
    'pages.operator.lines',
    'pages.operator.corrections',
    'pages.operator.equipment',
    'pages.operator.money',
    'pages.operator.terminations',
    'pages.operator.termination',
    'pages.operator.staff',
    'pages.operator.employee',
    'pages.operator.buildings',
    'pages.operator.waiting',
    'pages.operator.audit',
    'pages.operator.catalogue',
    'pages.operator.rules',
    'pages.operator.privacy_requests',
    'pages.operator.factor_resets',
    # the technician's tablet
    'pages.technician.day',
    'pages.technician.visit',
    # only in the demo
    'pages.demo.mailbox',
    'pages.demo.clock',
    'pages.demo.gallery',
    # for machines, and what goes wrong
    'pages.api.files',
    'pages.api.uploads',
    'pages.api.health',
    'pages.api.hooks',
    'pages.errors',
    # takes /{town}/ and so comes last
    'pages.public.home',
)


def register(app: FastAPI) -> None:
    """Register all pages and routes. Called once by main, and again by each page test."""
    for name in SITE_MAP:
        module = import_module(name)
        if hasattr(module, 'register'):
            module.register(app)
