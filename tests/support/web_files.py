"""Files as people bring them to the application."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

TICKETS = b"Case Number;Customer;Created;urgency\n1;A1;2026-10-01;high\n2;A2;not a date;urgent\n3;A9;2026-10-05;p2\n"
ACCOUNTS = b"account_id,name,segment\nA1,One,smb\nA2,Two,enterprise\n"


def post_files(client: Client, *files: tuple[str, bytes]) -> HttpResponse:
    """Send files as the form of the Data page does."""
    made = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/data/upload/", {"files": made})
