"""Another machine at the other end that answers each of our answers: after a while it is left alone."""

from __future__ import annotations

from datetime import timedelta

from handlers import talking
from handlers.messages import Incoming, load_outgoing
from handlers.turn import Tx
from storage import outbox

_CHARS = 25  # of a message that may be a machine's; people who ask for the same again and again type less
_ANSWERS = 6  # the same in a row
_SPAN = timedelta(minutes=10)


def goes_round(tx: Tx, incoming: Incoming) -> bool:
    """Tell whether a machine answers each of our answers: free text, time after time, to which we say the same."""
    if len(incoming.text) < _CHARS or len(tx.sendings) != 1:  # a pressed button has no such text
        return False
    if tx.conversation is not None and tx.conversation.flow not in talking.OFFERS:
        return False
    before = outbox.list_last_payloads(tx.connection, tx.person.contact_id, tx.now - _SPAN, _ANSWERS + 1)
    said = tx.sendings[0].message.text
    return len(before) > _ANSWERS and all(load_outgoing(payload).text == said for payload in before)
