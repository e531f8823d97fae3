"""/my/pay/receipt.pdf: a successful payment as a paper."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from components.download import private_headers
from components.redirect import see_other
from components.session import act_for
from pages.errors import error_page
from services.errors import DomainError, NotFound, TooManyRequests
from services.payments import receipts


def register(app: FastAPI) -> None:
    """Add the address."""
    app.add_api_route('/my/pay/receipt.pdf', receipt, methods=['GET'], include_in_schema=False)


async def receipt(request: Request, p: str = '') -> Response:
    """Give the receipt of one payment: `p` is our name of it, or the number of the operation."""
    try:
        paper = await act_for(request, receipts.make_receipt, p)
    except NotFound:
        return await error_page(request, 404)
    except TooManyRequests:
        return await error_page(request, 429)
    except DomainError:
        return see_other('/my/index?next=%2Fmy%2Fhistory')
    return Response(paper.pdf, media_type='application/pdf', headers=private_headers(paper.name))
