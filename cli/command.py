"""How a command of `cpod` presents itself: an example first, options under headings."""

from collections.abc import Iterable, Sequence
from typing import Any

import click

from cli.language.wording import N_, _
from cli.options.parameters import PLACE, Option
from cli.output import put


def _help_alone(**given: object) -> None:
    """Show what a group says where no subcommand is given."""
    del given
    context = click.get_current_context()
    if context.invoked_subcommand is None and isinstance(context.command, CommandGroup):
        put(f"{context.command.bare(context)}\n")


class _Explained(click.Command):
    """What a command and a group of commands share: their help."""

    examples: Sequence[str] = ()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples first, then the usage, what it does, and the options."""
        with formatter.section(_("Example") if len(self.examples) == 1 else _("Examples")):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        formatter.write_paragraph()
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_options(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option that shows this help, in the language that is spoken now."""
        self._help_option = None  # click keeps the first one that it made
        return super().get_help_option(ctx)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what it does, in the language that is spoken."""
        del ctx
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(self.help or ""))

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of what it does, whole."""
        del limit
        return _(self.help or "").split("\n\n")[0].partition(". ")[0].rstrip(".")

    def _sections(self, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
        """Return the help of the options under their headings."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                heading = parameter.heading if isinstance(parameter, Option) else PLACE
                sections.setdefault(heading, []).append(record)
        return sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each under the heading that it names."""
        for heading, records in self._sections(ctx).items():
            with formatter.section(_(heading)):
                formatter.write_dl(records)


class Command(_Explained):
    """One command. `examples` are whole command lines; its help is translated when shown."""

    def __init__(self, *, examples: Sequence[str], **settings: Any) -> None:
        super().__init__(**settings)
        self.examples = examples


class CommandGroup(_Explained, click.Group):
    """Commands under one name. Without a subcommand it shows its help, and all is well."""

    def __init__(
        self, *, examples: Sequence[str], commands: Iterable[click.Command] = (), **settings: Any
    ) -> None:
        super().__init__(
            invoke_without_command=True, callback=_help_alone, commands=list(commands), **settings
        )
        self.examples = examples

    def bare(self, ctx: click.Context) -> str:
        """Return what is shown where no subcommand is given."""
        return ctx.get_help()

    def headings(self, ctx: click.Context) -> dict[str, Sequence[str]]:
        """Return the names of its commands, in the order shown, under their headings."""
        return {N_("Commands"): self.list_commands(ctx)}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of its commands, in the order shown."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is asked for, or say which name comes near."""
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(name, possibilities=known, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings, then the options."""
        for heading, names in self.headings(ctx).items():
            with formatter.section(_(heading)):
                formatter.write_dl([(name, self._short(ctx, name)) for name in names])
        _Explained.format_options(self, ctx, formatter)

    def _short(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str() if command else ""
