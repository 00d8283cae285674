"""Every flow by name, and the version of its content a conversation is pinned to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flows import (
    account,
    broadcast,
    event,
    follow,
    guide,
    guide_desk,
    helping,
    invite,
    link,
    menu,
    recap,
    volunteer,
    volunteers,
)
from flows.broadcast_case import broadcast_case
from flows.chat import Flow
from flows.content import Content, Service, read_service, read_services, read_source
from flows.lesson import found_flow, learn_flow, lesson_flow
from flows.lesson_content import Lesson, read_lessons
from flows.lesson_search import LessonSearch
from flows.onboarding import onboarding_flow
from flows.outcomes import Outcome
from flows.places import Places, load_places
from flows.request import request_flow
from flows.subscription import subscribe_flow
from flows.suspicion_check import suspicion_flow
from flows.understand import Understanding, load_understanding
from flows.visit import late_photos, visit_drafts, visit_flow
from flows.visit_content import VisitKind, read_visit_kinds
from flows.visit_review import visit_case, visits_flow
from flows.wishes import either_flow

CODE = "code"  # the version of flows that are code: the kernel carries their journals over (rules 6 and 8)
REQUEST = "request:"
LESSON = "lesson:"
VISIT = "visit"
LATE_PHOTOS = "late_photos"
SUPPLEMENT = "supplement"
NEW_GUIDE = "guide_new"
NEW_BROADCAST = "broadcast_new"
CHECK_BROADCAST = "broadcast_check"
BROADCAST = "broadcast_case"


@dataclass(frozen=True, slots=True)
class Registry:
    """What there is to play."""

    flows: Mapping[str, Flow[Outcome]]
    services: Mapping[str, Service]
    visit_kinds: Mapping[str, VisitKind]
    lessons: Mapping[str, Lesson]
    lesson_search: LessonSearch
    places: Places
    understanding: Understanding

    def find(self, name: str) -> Flow[Outcome] | None:
        """Find a flow as it is today."""
        return self.flows.get(name)

    def version(self, name: str) -> str:
        """Say which version of a flow is today's."""
        kind, _, content_id = name.partition(":")
        content: Mapping[str, Content] = {REQUEST: self.services, LESSON: self.lessons}.get(f"{kind}:", {})
        found = content.get(content_id)
        return found.digest if found else CODE

    def play_older(self, name: str, source: str, version: str) -> Flow[Outcome]:
        """Make the flow of an earlier version of a service or lesson from its kept source."""
        kind, _, content_id = name.partition(":")
        file = f"{content_id} ({version})"
        if f"{kind}:" == LESSON:
            return lesson_flow(read_source(Lesson, content_id, source, file))
        return request_flow(read_service(content_id, source, file), self.places)


def load_registry() -> Registry:
    """Read all content and put all flows together.

    Raises:
        flows.content.ContentError: a content file is not right.
    """
    places = load_places()
    services = read_services()
    kinds = read_visit_kinds()
    lessons = read_lessons()
    flows: dict[str, Flow[Outcome]] = {
        "onboarding": onboarding_flow(places),
        "menu": menu.menu,
        "services": menu.services_flow(services),
        "complaints": menu.complaints_flow(services),
        "help": menu.help_flow,
        "learn": learn_flow(lessons),
        "lessons_found": found_flow,
        "subscribe": subscribe_flow,
        "either": either_flow(services),
        "language": account.language_flow,
        "village": account.village_flow(places),
        "erase": account.erase_flow,
        "officer": account.officer_flow,
        "my_requests": follow.my_requests,
        SUPPLEMENT: follow.supplement,
        "reopen": follow.reopen,
        "desk": follow.desk,
        "case": follow.case,
        "suspicion": suspicion_flow,
        "volunteer_join": volunteer.join_flow(places),
        VISIT: visit_flow(kinds, lessons, places),
        "visit_drafts": visit_drafts,
        LATE_PHOTOS: late_photos,
        "visits": visits_flow,
        "visit_case": visit_case,
        "events": event.events_flow,
        "event_desk": event.event_desk,
        "event_new": event.event_new,
        "event_case": event.event_case,
        "event_present": event.event_present,
        NEW_BROADCAST: broadcast.new_flow(places, services, lessons),
        CHECK_BROADCAST: broadcast.check_flow,
        "broadcast_decline": broadcast.decline_flow,
        "guides": guide.library_flow,
        "guide_ask": guide.ask_flow,
        NEW_GUIDE: guide_desk.publish_flow,
        "guide_desk": guide_desk.desk_flow,
        "guide_case": guide_desk.case_flow,
        "guide_names": guide_desk.names_flow,
        "guide_thread": guide_desk.thread_flow,
        "tasks": helping.tasks,
        "task": helping.task,
        "recap_export": recap.export_flow,
        "lessons_export": recap.lessons_export_flow,
        BROADCAST: broadcast_case,
        "invite": invite.invite_flow(places),
        "link": link.link_flow,
        "volunteers": volunteers.volunteers_flow(places),
        "volunteer_case": volunteers.volunteer_case_flow(places),
        "volunteer_replace": volunteers.replace_flow(places),
    }
    flows |= {f"{REQUEST}{service.id}": request_flow(service, places) for service in services.values()}
    flows |= {f"{LESSON}{lesson.id}": lesson_flow(lesson) for lesson in lessons.values()}
    return Registry(
        flows, services, kinds, lessons, LessonSearch(lessons), places, load_understanding(services, places)
    )
