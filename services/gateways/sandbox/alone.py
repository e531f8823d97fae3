"""The sandbox as a program of its own: the bank is then another company on another port, as in life."""

import secrets
from pathlib import Path

import uvicorn

from services.gateways.sandbox.app import create_sandbox
from services.gateways.sandbox.config import SandboxConfig
from services.gateways.sandbox.keys import public_key_pem

SHOP = 'amigo-demo'


def config_of(folder: Path, port: int, site: str, time_scale: float) -> SandboxConfig:
    """Return the bank's settings; its shop has one secret, made once and kept beside the books.

    Args:
        site: address of the shop, the only place webhooks are sent to.
        time_scale: multiplies the pauses between webhooks that were not taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'sandbox-secret'
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), encoding='utf-8')
    secret = path.read_text(encoding='utf-8')
    return SandboxConfig(
        folder, f'http://127.0.0.1:{port}', SHOP, secret, site_url=site.rstrip('/'), time_scale=time_scale
    )


def settings_of(config: SandboxConfig) -> str:
    """Return the lines that connect a site to this bank."""
    bare_key = ''.join(public_key_pem(config).splitlines()[1:-1])
    values = {
        'CHECKOUT_URL': config.public_url,
        'GATEWAY_URL': config.public_url,
        'SHOP_ID': config.shop_id,
        'SECRET_KEY': config.secret_key,
        'PUBLIC_KEY': bare_key,
        'TEST': '1',
    }
    return '\n'.join(f'AMIGO_BEPAID_{name}={value}' for name, value in values.items())


def serve(config: SandboxConfig, port: int) -> None:
    """Run the bank on a loopback port until it is stopped."""
    bank = create_sandbox(config)
    bank.state.desk.courier.wake()
    try:
        uvicorn.run(bank, host='127.0.0.1', port=port, log_level='warning', server_header=False, lifespan='off')
    finally:
        bank.state.desk.close()
