"""The shell of a page: painted by the server first, then NiceGUI brings what is live into its `<main>`.

`paint()` puts header, navigation, content and footer into the first bytes of the HTML, where they stay; live elements
are teleported into `<div id="live">` of the painted `<main>`, so the order of the document is the order on the screen.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nicegui import Client, context, ui
from starlette.requests import HTTPConnection

from components.frame import Company, Frame, FrameContract, FramePerson, RegionLink
from components.hosts import are_on_one_side, is_on_staff_host
from components.i18n import _, phone
from components.languages import prefix
from components.remembered import region_of
from components.session import actor_of
from components.templating import render
from models.user import Role, SecondStep
from services.authority import Actor
from services.i18n import available_languages
from services.identity.chosen_contract import list_choices
from services.offers.regions import DEFAULT, RegionView, list_regions
from services.runner import call
from services.settings import get_settings

ROLE_ORDER = ('subscriber', 'operator', 'technician', 'administrator')


async def frame_for(
    connection: HTTPConnection,
    *,
    title: str,
    description: str = '',
    region: str = '',
    path_in_region: str = '',
    canonical: str = '',
) -> Frame:
    """Return the frame of a page: town from the address or the cookie, person from the session.

    Args:
        region: slug from the address; empty for pages outside a region, then the remembered town is shown.
    """
    regions = await call(list_regions)
    actor = actor_of(connection)
    language = getattr(connection.state, 'language', 'ru')
    alternates = _alternates(canonical) if region else ()
    return Frame(
        company=company(),
        region=_chosen(regions, region or region_of(connection) or DEFAULT),
        regions=tuple(RegionLink(r.slug, _(r.name)) for r in regions),
        title=title,
        description=description,
        path_in_region=path_in_region,
        person=await _person(actor) if actor and actor.second_step != SecondStep.ASK else None,
        language=language,
        canonical=dict(alternates).get(language, canonical),
        theme=actor.theme if actor else 'auto',
        site=get_settings().url if is_on_staff_host(connection.scope) else '',
        path=connection.url.path,
        has_languages=bool(region),
        alternates=alternates,
    )


def _alternates(canonical: str) -> tuple[tuple[str, str], ...]:
    """Return the address of a page of a town in each language; `canonical` is the Russian one."""
    url = get_settings().url
    path = canonical.removeprefix(url)
    return tuple((code, f'{url}{prefix(code)}{path}') for code, _name in available_languages()) if canonical else ()


def company() -> Company:
    """Return the provider of this installation, from the settings."""
    settings = get_settings()
    return Company(
        name=settings.company_name,
        hotline=phone(settings.company_hotline),
        email=settings.company_mail,
        legal_line=_('{name}, УНП {unp}, {address}').format(
            name=settings.company_legal_name, unp=settings.company_unp, address=settings.company_address
        ),
        social=tuple(settings.social_links),
        messengers=tuple(settings.messenger_links),
    )


def _chosen(regions: tuple[RegionView, ...], slug: str) -> RegionLink:
    found = next((r for r in regions if r.slug == slug), None) or next((r for r in regions if r.slug == DEFAULT), None)
    return RegionLink(found.slug, _(found.name)) if found else RegionLink(DEFAULT, _('Выберите город'))


def _roles_here(actor: Actor) -> tuple[str, ...]:
    return tuple(role for role in ROLE_ORDER if role in actor.roles and are_on_one_side(role, actor.role))


async def _person(actor: Actor) -> FramePerson:
    choices = await call(list_choices, actor=actor) if actor.wears(Role.SUBSCRIBER) else ()
    return FramePerson(
        name=actor.name,
        contract=actor.contract_number,
        roles=() if actor.is_half_open else _roles_here(actor),
        role=str(actor.role),
        contracts=tuple(
            FrameContract(each.number, each.address, each.is_chosen, str(each.access), each.owner, each.until)
            for each in choices
        ),
    )


def paint(template: str, *, frame: Frame, **facts: object) -> None:
    """Put a server-rendered page into the first bytes of this NiceGUI page; the template extends `shell.html`."""
    client = context.client
    _give_way(client)
    client.title = f'{frame.title} — {frame.company.name}'
    ui.add_head_html(render('_shell_head.html', frame=frame))
    ui.add_body_html(render(template, frame=frame, **facts))


def _give_way(client: Client) -> None:
    """Let NiceGUI's own page be a plain box: Quasar draws it as a second `<main>` beside the painted one."""
    around = client.content.parent_slot
    assert around is not None  # the content always lies in the page
    around.parent.tag = 'div'


def live() -> ui.teleport:
    """Return the place in the painted page for live elements: `with live(): …`."""
    return ui.teleport('#live')


@asynccontextmanager
async def shell(title: str, *, area: str, active: str = '') -> AsyncIterator[None]:
    """Frame a page that is live as a whole: `async with shell(_('Заявки'), area='operator', active='queue'): …`.

    Args:
        area: cabinet | operator | technician: which navigation stands beside the content.
        active: the entry of the navigation this page belongs to.
    """
    frame = await frame_for(context.client.request, title=title)
    paint('shell.html', frame=frame, area=area, active=active)
    with live():
        yield
