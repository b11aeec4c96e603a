//! `completions` and `man`: the command described for shells and for `man`, by its own arguments.

use std::io::Write as _;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// Prints the script that completes the command's arguments. Whoever reads may stop early, and that is no error.
pub(crate) fn completions(shell: Shell, mut command: Command) -> bool {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    generate(shell, &mut command, name, &mut script);
    std::io::stdout().write_all(&script).unwrap_or_default();
    true
}

/// Prints the manual page: the command's own, and then those of its subcommands in one.
pub(crate) fn page(mut command: Command) -> bool {
    command.build();
    let mut page = Vec::new();
    let done = Man::new(command.clone()).render(&mut page).and_then(|()| {
        let shown = |command: &&Command| command.get_name() != "help";
        command.get_subcommands().filter(shown).try_for_each(|command| {
            let section = Man::new(command.clone());
            writeln!(page, ".SH \"{}\"", command.get_display_name().unwrap_or_default().to_uppercase())?;
            section.render_synopsis_section(&mut page)?;
            section.render_description_section(&mut page)?;
            section.render_options_section(&mut page)
        })
    });
    std::io::stdout().write_all(&page).unwrap_or_default();
    done.is_ok()
}
