"""Clocks, histories and comments in templates of work: `{% load work %}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from barograph.reports.render.phrases import date_words
from barograph_web.plays.models import Clock, Task, TaskEvent
from barograph_web.work import wording
from barograph_web.work.mention_text import shown
from barograph_web.work.models import Comment

register = template.Library()


@register.simple_tag
def clock_tag(clock: Clock | None, now: datetime) -> SafeString | str:
    """`{% clock_tag row.clock now %}`: what a service-level clock waits for; when it is due in the title."""
    if clock is None:
        return ""
    told = wording.clock_words(clock, now)
    at = timezone.localtime(told.due_at)
    due = f"{clock.get_kind_display()} clock, due {date_words(at.date().isoformat())} {at:%H:%M}"
    return format_html('<span class="tag {}" title="{}">{}</span>', told.tone, due, told.words)


@register.filter
def source_words(task: Task) -> str:
    """`{{ task|source_words }}`"""
    return wording.source_words(task)


@register.filter
def event_words(event: TaskEvent) -> str:
    """`{{ event|event_words }}`"""
    return wording.event_words(event)


@register.simple_tag
def comment_body(comment: Comment, names: Mapping[int, str]) -> SafeString:
    """`{% comment_body comment names %}`: escaped, with the people it names."""
    return shown(comment.body, names)


@register.filter
def days_late(due_on: date, today: date) -> int:
    """`{{ task.due_on|days_late:today }}`"""
    return wording.days_late(due_on, today)
