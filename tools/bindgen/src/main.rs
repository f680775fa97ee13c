//! Binds a wasm file that cargo built to JavaScript: writes `<out-name>.js` and `<out-name>_bg.wasm`.
//!
//! ```text
//! bindgen [--restartable] <wasm> <out-dir> <out-name>
//! ```
//!
//! The library is the one behind the command `wasm-bindgen`, whose own package also contains a web server, TLS and
//! a test runner. Without them, a third of the crates is left to compile.

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: bindgen [--restartable] <wasm> <out-dir> <out-name>";

fn main() -> ExitCode {
    match bind(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn bind(mut args: Vec<String>) -> Result<()> {
    // With `--restartable`, the JavaScript exports `__wbg_reset_state`, which starts the wasm again after a trap.
    let restartable = args.first().is_some_and(|arg| arg == "--restartable");
    if restartable {
        args.remove(0);
    }
    let [wasm, out_dir, out_name] = args.as_slice() else { bail!(USAGE) };
    Bindgen::new()
        .input_path(wasm)
        .out_name(out_name)
        .web(true)?
        .typescript(false)
        .reset_state_function(restartable)
        .force_enable_abort_handler(restartable)
        .generate(out_dir)
}
