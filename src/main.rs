//! One binary: in the browser it mounts the page, natively it is the command line.

#[cfg(target_arch = "wasm32")]
fn main() {
    sockscope::web::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    sockscope::cli::main()
}
