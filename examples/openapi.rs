//! Prints the OpenAPI document of the API, or writes every file that is generated from the routes and types.
//!
//! ```sh
//! cargo run --no-default-features --features openapi --example openapi             # prints the document
//! cargo run --no-default-features --features openapi --example openapi -- --write  # writes the files
//! ```

use std::io::{Error, Write};
use std::{env, fs};

use hookswitch::dialects::describe::{document, generated_files};

fn main() -> Result<(), Error> {
    if env::args().any(|argument| argument == "--write") {
        let root = env!("CARGO_MANIFEST_DIR");
        let wrangler = fs::read_to_string(format!("{root}/wrangler.toml"))?;
        for (path, content) in generated_files(&wrangler) {
            fs::write(format!("{root}/{path}"), content)?;
        }
        return Ok(());
    }
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, &document())?;
    stdout.write_all(b"\n")
}
