//! The tables of the directory.
//!
//! `npm run deploy` creates them from the same files, with wrangler. Where that was not run, the Worker does: each statement
//! may run twice.

use super::Statement;

/// The migrations, oldest first.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_tables.sql")];

/// The statements that create the tables, each by itself.
pub(super) fn statements() -> Vec<Statement> {
    let statements = MIGRATIONS.iter().flat_map(|migration| migration.split(";\n"));
    let without_comments = statements.map(|statement| {
        let lines = statement.lines().filter(|line| !line.trim_start().starts_with("--"));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    });
    without_comments.filter(|statement| !statement.is_empty()).map(Statement::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_creates_something_and_may_run_twice() {
        let statements = statements();
        assert!(statements.len() > 10);
        for Statement { sql, .. } in statements {
            assert!(sql.starts_with("CREATE ") && sql.contains(" IF NOT EXISTS "), "{sql}");
        }
    }
}
