#!/usr/bin/env python3
"""``nuan-health URL``: exit 0 when the URL answers 200 within three seconds, else 1. Needs nothing but Python."""

import sys
import urllib.error
import urllib.request


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("usage: nuan-health URL\n")
        return 2
    try:
        with urllib.request.urlopen(sys.argv[1], timeout=3) as answer:  # noqa: S310 - a URL that the image's own files name
            return 0 if answer.status == 200 else 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{sys.argv[1]}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
