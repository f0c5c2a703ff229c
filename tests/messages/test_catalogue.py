"""Every notice has its builder, its template and its name."""

from __future__ import annotations

import re

import pytest

from bot.domain.notices import Notice
from bot.messages.catalogue import CATALOGUE
from bot.messages.render import TEMPLATES

# With slots a dataclass is made twice; the first one lingers among the subclasses until it is collected.
NOTICES = list({cls.__name__: cls for cls in Notice.__subclasses__()}.values())


@pytest.mark.parametrize("notice", NOTICES, ids=lambda cls: cls.__name__)
def test_every_notice_has_an_entry_and_a_template_named_after_it(notice: type[Notice]) -> None:
    template = CATALOGUE[notice].template
    assert template == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", notice.__name__).lower()
    assert (TEMPLATES / f"{template}.html.j2").is_file()


def test_no_template_is_left_over() -> None:
    used = {entry.template for entry in CATALOGUE.values()}
    files = {path.name.removesuffix(".html.j2") for path in TEMPLATES.iterdir()}
    assert {name for name in files if not name.startswith("_")} == used
