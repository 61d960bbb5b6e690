//! `naru config print`: every value in force, and where it came from.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::Loaded;

/// The sections in the order of the template.
const SECTIONS: [&str; 7] = [
    "server", "database", "keys", "webhooks", "compare", "limits", "log",
];

impl Loaded {
    /// The config as TOML, each line with its source as a comment, secrets hidden.
    pub fn print(&self) -> anyhow::Result<String> {
        let table = Table::try_from(&self.config)?;
        let mut text = String::new();
        for section in SECTIONS {
            let Some(Value::Table(settings)) = table.get(section) else {
                continue;
            };
            if !text.is_empty() {
                text.push('\n');
            }
            writeln!(text, "[{section}]")?;
            for (key, value) in settings {
                let setting = format!("{key} = {value}");
                let source = self.source(&format!("{section}.{key}"));
                writeln!(text, "{setting:44} # {source}")?;
            }
        }
        Ok(text)
    }
}
