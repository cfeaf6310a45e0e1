"""What the demo says to a person when it is ready: where to go, who to be, what to try; in the chosen language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probe.language import say
from probe.printer import terminal

if TYPE_CHECKING:
    from probe.demo import DemoReady


def welcome(ready: DemoReady) -> None:
    """Print it."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    out = terminal()
    out.print()
    out.print(Text(say("demo_ready", count=len(ready.cameras)), style="bold"))
    out.print()
    out.print(Text.assemble((f"{say('demo_address')}  ", "dim"), (ready.url, "bold bright_blue underline")))
    out.print()
    people = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("head_role", "head_user", "head_password"):
        people.add_column(say(heading))
    for user in ready.users:
        people.add_row(f"{say(f'role_{user.role}')} {user.display_name}", user.name, Text(user.password, "bold"))
    out.print(Padding(people, (0, 0, 0, 2), expand=False))
    out.print(Text(say("demo_passwords_once"), "dim"))
    out.print()
    for number in (1, 2, 3, 4):
        out.print(Text(f"  {number}. {say(f'demo_try_{number}', data=ready.data_dir)}"))
    out.print()
    out.print(Text(say("demo_drawn" if ready.drawn else "demo_clip"), "dim"))
    out.print(Text(say("demo_stop"), "dim"))
