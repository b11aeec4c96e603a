//! `completions` and `man`: the command described for shells and for `man`, by its own arguments.

use std::io::Write as _;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// Prints the script that completes the command's arguments. The reader may stop early, and that is not an error.
pub(crate) fn completions(shell: Shell, mut command: Command) -> bool {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    generate(shell, &mut command, name, &mut script);
    std::io::stdout().write_all(&script).unwrap_or_default();
    true
}

/// Prints the manual page of the command, which includes those of its subcommands.
pub(crate) fn page(mut command: Command) -> bool {
    command.build();
    let mut page = Vec::new();
    let done = render(&command, &mut page).is_ok();
    std::io::stdout().write_all(&page).unwrap_or_default();
    done
}

fn render(command: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let whole = Man::new(command.clone());
    whole.render_title(page)?;
    whole.render_name_section(page)?;
    whole.render_synopsis_section(page)?;
    whole.render_description_section(page)?;
    whole.render_options_section(page)?;
    for part in command.get_subcommands().filter(|part| part.get_name() != "help") {
        writeln!(page, ".SH \"{}\"", part.get_bin_name().unwrap_or_default().to_uppercase())?;
        let man = Man::new(part.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
    }
    Ok(())
}
