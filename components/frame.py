"""What every page is framed with: company, town, person, language and the words of the document's head."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from components.cabinet_places import is_open

HOMES = {'subscriber': '/my/index', 'operator': '/operator/', 'technician': '/field/', 'administrator': '/operator/'}


@dataclass(frozen=True)
class Company:
    """The provider as the header and the footer show it; `social` and `messengers` are pairs of (name, address)."""

    name: str
    hotline: str
    email: str
    legal_line: str
    social: tuple[tuple[str, str], ...] = ()
    messengers: tuple[tuple[str, str], ...] = ()

    @property
    def hotline_digits(self) -> str:
        """The hotline for a `tel:` link: a plus and digits."""
        return re.sub(r'[^+\d]', '', self.hotline)


@dataclass(frozen=True)
class RegionLink:
    """A town one can choose: `slug` of the address and the name on the screen."""

    slug: str
    name: str


@dataclass(frozen=True)
class FrameContract:
    """A contract of the switch; of somebody else's: `access` see | pay | manage, the owner («Анна П.»), last day."""

    number: str
    address: str
    is_chosen: bool
    access: str = 'owner'
    owner: str = ''
    until: date | None = None


@dataclass(frozen=True)
class FramePerson:
    """Who is signed in. `contract` is empty for staff; `roles` are all held, `role` is the one acting now
    (subscriber | operator | technician | administrator); `contracts` are those he may work with."""

    name: str
    contract: str
    roles: tuple[str, ...]
    role: str
    contracts: tuple[FrameContract, ...] = ()

    @property
    def chosen(self) -> FrameContract | None:
        """The contract he works with now."""
        return next((contract for contract in self.contracts if contract.is_chosen), None)

    def may(self, path: str) -> bool:
        """Whether this page of the cabinet is open to him with the chosen contract."""
        return is_open(path, self.chosen.access if self.chosen else 'owner' if self.contract else None)

    @property
    def home(self) -> str:
        """Where this role starts its work."""
        return HOMES[self.role]


@dataclass(frozen=True)
class Frame:
    """Everything `_header.html`, `_footer.html` and `base.html` need; a page adds only its content.

    `path_in_region` is what follows the region in the address (`kontakti/`, `packets-constructor/?internet=I-100`),
    empty for pages outside a region; `path_in_language` the same for the switch of languages, where it differs;
    `canonical` is an absolute address, empty means the page is not for indexes;
    `theme` is auto | light | dark; `language` is ru | be | en; `path` is the address without its
    query; `site` is the address of the public site where consoles have a host name of their own and this page stands
    there, else empty; `has_languages`: this page has an address of its own in each language; `alternates` are pairs of
    (language, absolute address) for indexes.
    """

    company: Company
    region: RegionLink
    regions: tuple[RegionLink, ...]
    title: str
    description: str = ''
    path_in_region: str = ''
    person: FramePerson | None = None
    language: str = 'ru'
    canonical: str = ''
    theme: str = 'auto'
    site: str = ''
    path: str = ''
    has_languages: bool = False
    alternates: tuple[tuple[str, str], ...] = ()
    path_in_language: str = ''

    def region_url(self, slug: str, path: str | None = None) -> str:
        """The same page (or `path`) in the region `slug`, in the language of this visitor."""
        return self._url(self.language, slug, self.path_in_region if path is None else path)

    def language_url(self, language: str) -> str:
        """The same page of this region in another language."""
        return self._url(language, self.region.slug, self.path_in_language or self.path_in_region)

    def _url(self, language: str, slug: str, path: str) -> str:
        prefix = self.site if language == 'ru' else f'{self.site}/{language}'
        return f'{prefix}/{quote(slug)}/{path.lstrip("/")}'
