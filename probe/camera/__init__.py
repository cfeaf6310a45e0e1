"""`probe camera …`: probe an address with no server at all, or administer the cameras of a running hub.

Only the names of the commands stand here; each command imports what it needs when it runs, so that `camera probe` and
`camera fix ADDRESS` work on a technician's laptop without uvloop, Redis or aiortc.
"""

from __future__ import annotations

import typer

from probe.camera.add import add
from probe.camera.changes import change, remove
from probe.camera.discovering import discover
from probe.camera.fix import fix
from probe.camera.history import record
from probe.camera.looks import check_camera, list_cameras, show, snapshot
from probe.camera.probing import probe
from probe.camera.sweeping import sweep
from probe.camera.tables import export, import_file, template
from probe.camera.turning import turn
from probe.language import say

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("discover", help=say("help_camera_discover"))(discover)
app.command("probe", help=say("help_camera_probe"))(probe)
app.command("fix", help=say("help_camera_fix"))(fix)
app.command("add", help=say("help_camera_add"))(add)
app.command("list", help=say("help_camera_list"))(list_cameras)
app.command("show", help=say("help_camera_show"))(show)
app.command("test", help=say("help_camera_test"))(check_camera)
app.command("snapshot", help=say("help_camera_snapshot"))(snapshot)
app.command("ptz", help=say("help_camera_ptz"))(turn)
app.command("sweep", help=say("help_camera_sweep"))(sweep)
app.command("change", help=say("help_camera_change"))(change)
app.command("remove", help=say("help_camera_remove"))(remove)
app.command("template", help=say("help_camera_template"))(template)
app.command("import", help=say("help_camera_import"))(import_file)
app.command("export", help=say("help_camera_export"))(export)
app.command("record", help=say("help_camera_record"))(record)
