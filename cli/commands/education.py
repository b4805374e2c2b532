"""`cpod education`: which learner started and completed what, and totals for everyone."""

from typing import Final

from cli.language.wording import N_
from cli.options.shared import CONTRACT, ENTITLEMENT, GRID, ONE_PACKAGE, PRODUCT, WORKSPACE
from cli.render import drill_down
from cli.render.layout import Column, Kind, Layout, Section
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("On-demand education"),
    main="rows",
    sections=(
        drill_down.ENTITLEMENT,
        Section(
            name="totals",
            heading="",
            columns=(
                Column("activities", N_("Activities"), Kind.NUMBER),
                Column("learners", N_("Learners"), Kind.NUMBER),
                Column("completed", N_("Completed"), Kind.NUMBER),
            ),
            fields=("activities", "learners", "completed"),
        ),
        Section(
            name="rows",
            heading="",
            columns=(
                Column("learner", N_("Learner")),
                Column("item", N_("Item")),
                Column("started_at", N_("Started")),
                Column("completed_at", N_("Completed"), quiet=True),
                Column("last_activity_at", N_("Last activity"), quiet=True, detail=True),
                Column("attempts", N_("Attempts"), Kind.NUMBER, detail=True),
                Column("score", N_("Score"), Kind.NUMBER, quiet=True),
                Column("workspace", N_("Workspace")),
                Column("item_type", N_("Type"), quiet=True, detail=True),
                Column("product", N_("Product"), quiet=True, detail=True),
                Column("level", N_("Level"), quiet=True, detail=True),
                Column("language", N_("Language"), quiet=True, detail=True),
                Column("title", N_("Title"), Kind.TEXT, quiet=True),
            ),
            fields=(
                *("learner", "item", "title", "item_type", "product", "level", "language"),
                *("workspace", "contract", "package", "entitlement", "started_at"),
                *("last_activity_at", "completed_at", "attempts", "score"),
            ),
            empty=N_("No learners that you may see."),
        ),
    ),
)

command = question(
    "education",
    about=N_(
        "Show on-demand education. Administrators and learning managers see every learner; others"
        " see themselves, and totals."
    ),
    examples=(
        "cpod education --workspace contoso-paris",
        "cpod education --product azure --sort learner",
        "cpod education --as lea --format csv",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT, ONE_PACKAGE, ENTITLEMENT, PRODUCT, *GRID),
)
