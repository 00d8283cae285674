"""An officer invites people to become volunteers."""

from __future__ import annotations

from flows.chat import Chat, Flow
from flows.fields import Maybe, Whole
from flows.outcomes import Invited, Outcome
from flows.places import Places
from flows.text import N_
from flows.villages import Village

MOST_PEOPLE = 50


def invite_flow(places: Places) -> Flow[Outcome]:
    """Make the flow that asks for whom an invitation is."""

    async def flow(chat: Chat) -> Outcome:
        village = await chat.ask(
            "village",
            N_("For which village are you looking for volunteers? Type its name. If it does not matter, type *skip*."),
            Maybe(Village(places)),
        )
        people = await chat.ask(
            "people", N_("How many people may use the invitation? At most {most}.", most=MOST_PEOPLE), Whole(1, MOST_PEOPLE)
        )  # fmt: skip
        return Invited(village, people)

    return flow
