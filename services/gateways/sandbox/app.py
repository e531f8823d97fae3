"""The sandbox as one ASGI application, to be mounted by the site or run alone."""

from starlette.applications import Starlette

from services.gateways.sandbox.api import api_routes
from services.gateways.sandbox.config import SandboxConfig
from services.gateways.sandbox.desk import Desk
from services.gateways.sandbox.erip_routes import erip_routes
from services.gateways.sandbox.hosted_page import page_routes
from services.gateways.sandbox.keys import private_key
from services.gateways.sandbox.setting import Setting
from services.gateways.sandbox.store import Store
from services.gateways.sandbox.switchboard import switch_routes


def create_sandbox(config: SandboxConfig) -> Starlette:
    """Return the gateway, with its books and key in `config.data_dir`.

    `app.state.desk` is the running gateway: `desk.courier.wake()` sends what an earlier run left unsent (the first
    request does it too), `desk.close()` stops its threads. A mounted application gets no start and no end of its own.
    """
    desk = Desk(Setting(config, Store(config.data_dir / 'sandbox.db'), private_key(config)))
    app = Starlette(routes=[*api_routes(desk), *page_routes(desk), *switch_routes(desk), *erip_routes(desk)])
    app.state.desk = desk
    return app
