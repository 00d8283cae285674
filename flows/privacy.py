"""Identity numbers: NIK and KK numbers are neither asked nor kept; typed ones are masked before anything is written.

Both have 16 digits (PP 37/2007, article 37). People type them in one piece or in groups.
"""

from __future__ import annotations

import re

_LENGTH = 16
_RUN = re.compile(r"\d(?:[ \t\n\r\u00a0.\-_/]{0,2}\d){15,}")
_GROUPS = re.compile(r"\d+")


def mask_identity_numbers(text: str) -> tuple[str, bool]:
    """Mask every NIK or KK number in a text, as 3505********0002; says whether there was one."""
    if len(text) < _LENGTH:
        return text, False
    masked = _RUN.sub(_mask_run, text)
    return masked, masked != text


def _mask_run(run: re.Match[str]) -> str:
    """Mask the groups of a run of digits that make up 16 digits, and any single group of 16 or more."""
    found = run[0]
    groups = list(_GROUPS.finditer(found))
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(groups):
        total, end = 0, at
        while end < len(groups) and total < _LENGTH:
            total += len(groups[end][0])
            end += 1
        if total == _LENGTH or len(groups[at][0]) >= _LENGTH:
            end = end if total == _LENGTH else at + 1
            spans.append((groups[at].start(), groups[end - 1].end()))
            at = end
        else:
            at += 1
    for start, stop in reversed(spans):
        digits = "".join(c for c in found[start:stop] if c.isdigit())
        found = f"{found[:start]}{digits[:4]}********{digits[-4:]}{found[stop:]}"
    return found
