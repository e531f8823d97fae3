"""The picture and the sound of a captcha, and a new one for «Другой код»: /captcha/…."""

from collections.abc import Callable

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, Response

from services.identity import captcha

NO_STORE = {'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff'}


def register(app: FastAPI) -> None:
    """Add the addresses. Plain functions: FastAPI runs them in worker threads, so drawing does not hold the loop."""
    app.add_api_route('/captcha/new', _new, methods=['GET'], include_in_schema=False)
    app.add_api_route('/captcha/{token}.png', _picture, methods=['GET'], include_in_schema=False)
    app.add_api_route('/captcha/{token}.wav', _sound, methods=['GET'], include_in_schema=False)


def _new(purpose: str = '') -> Response:
    try:
        challenge = captcha.issue(purpose)
    except ValueError as error:
        raise HTTPException(404) from error
    return JSONResponse({'token': challenge.token}, headers=NO_STORE)


def _picture(token: str) -> Response:
    return _media(captcha.picture, token, 'image/png')


def _sound(token: str) -> Response:
    return _media(captcha.sound, token, 'audio/wav')


def _media(made: Callable[[str], bytes], token: str, kind: str) -> Response:
    try:
        return Response(made(token), media_type=kind, headers=NO_STORE)
    except captcha.CaptchaGone as error:
        raise HTTPException(404) from error
