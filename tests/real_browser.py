"""A browser without scripts that talks to real processes behind one address: it keeps cookies and sends tokens."""

import re
from dataclasses import dataclass, field
from typing import Any

import requests

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PATIENCE = 20.0


@dataclass
class RealBrowser:
    """One visitor of one or several web processes; a cookie of one is shown to all, as behind a balancer."""

    addresses: tuple[str, ...]
    cookies: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    """How long each answer took."""

    def ask(self, method: str, path: str, host: int = 0, **more: Any) -> requests.Response:
        """One request, to the host that the balancer chose."""
        answer = requests.request(
            method, self.addresses[host] + path, cookies=self.cookies, allow_redirects=False, timeout=PATIENCE, **more
        )
        self.cookies |= answer.cookies.get_dict()
        self.seconds.append(answer.elapsed.total_seconds())
        return answer

    def get(self, path: str, host: int = 0) -> requests.Response:
        """Open a page."""
        return self.ask("GET", path, host)

    def send(self, path: str, form: dict[str, str], page: str, host: int = 0, **more: Any) -> requests.Response:
        """Fill in the form of a page that any host drew."""
        token = TOKEN.search(self.get(page).text)
        assert token, page
        return self.ask("POST", path, host, data=form | {"csrf_token": token[1]}, **more)

    def sign_in(self, username: str) -> None:
        """Sign in at the first host."""
        form = {"login": username, "password": "demo-password"}
        assert self.send("/login", form, "/login").status_code == 303
