"""Asks the site of this container whether it is ready: `python -m emotion_site.healthcheck`, the image's HEALTHCHECK.

The standard library alone, so that it costs little, and no curl is needed in the image.
"""

from __future__ import annotations

import http.client
import os
import sys

PROBE = "/readyz"
PATIENCE_S = 4.0


def ready(port: int) -> tuple[bool, str]:
    """Whether the site on this port answers clips, and what it says of itself."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request("GET", PROBE)
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"The site does not answer on port {port}: {error}"
    finally:
        connection.close()


def main() -> int:
    """Exit status 0 where it is ready, else 1, which is what Docker asks for."""
    is_ready, said = ready(int(os.environ.get("PORT") or 8000))
    sys.stdout.write(said + "\n")
    return 0 if is_ready else 1


if __name__ == "__main__":
    sys.exit(main())
