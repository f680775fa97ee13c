//! Prints the OpenAPI document of the API.
//!
//! ```sh
//! cargo run --no-default-features --features openapi --example openapi > openapi.json
//! ```

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, &hookswitch::dialects::describe::document())?;
    stdout.write_all(b"\n")
}
