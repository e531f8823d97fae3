"""The body of a native form, read with a limit; as in all forms of the house the last value of a name counts."""

from urllib.parse import parse_qs

from starlette.requests import Request

from services import limits

LARGEST = limits.count('form_bytes')
"""Bytes: a dozen fields with 10,000 emoji each still come back to the person with what is wrong."""
MOST_FIELDS = limits.count('form_fields')


async def read_form(request: Request) -> dict[str, str] | None:
    """Return the fields of a urlencoded form, the last value of each; None when it is too large or not readable."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    try:
        fields = parse_qs(body.decode(errors='replace'), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return None
    return {name: values[-1] for name, values in fields.items()}
