"""The language in which a person is spoken and written to."""

from models.user import Role, User
from services.authority import Actor, require_role
from services.i18n import LANGUAGES
from services.runner import transactional


@transactional
def choose(language: str, *, actor: Actor | None) -> None:
    """Keep the language (ru | be | en) in one's account; another word changes nothing.

    Raises:
        SignInRequired, NotAllowed: see `require_role`.
    """
    actor = require_role(actor, *Role)
    if language in LANGUAGES:
        User.update(language=language).where(User.id == actor.user_id).execute()
