"""The end of an upload that is too large, before it is on the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class SizeLimit(FileUploadHandler):
    """Stops reading once a file has more bytes than `most`; `request.too_large` then has its name."""

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self._most = most
        self._seen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        self._seen += len(raw_data)
        if self._seen > self._most:
            self.request.too_large = self.file_name or "the file"  # type: ignore[union-attr]
            raise StopUpload(connection_reset=True)
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:  # noqa: ARG002
        return None
