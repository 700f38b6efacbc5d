//! Checks that chatwire's features do not change what another crate of a program does: builds each program
//! without and with chatwire, runs both, and compares what they print. [`servers`] starts what the programs
//! talk to.

mod servers;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Output, Stdio};
use std::time::Duration;

use servers::Servers;
use tokio::process::Command;

/// A package of the folder `programs`.
struct Program {
    name: &'static str,
    uses: &'static str,
    /// Whether it also runs without chatwire.
    compared: bool,
}

const PROGRAMS: [Program; 8] = [
    compared("with-async-openai", "async-openai without TLS"),
    compared("with-reqwest", "reqwest without default features"),
    compared("with-rustls", "rustls with its default crypto provider"),
    compared("with-ring", "rustls with ring, which the program installs"),
    compared("with-only-ring", "rustls with ring, and chatwire with `rustls-no-provider`"),
    compared("with-reqwest-tls", "reqwest with ring, and chatwire without TLS of its own"),
    compared("with-serde-json", "serde_json with keys that the program sorts"),
    Program { name: "with-proxy", uses: "the environment's proxy, and its own", compared: false },
];

const fn compared(name: &'static str, uses: &'static str) -> Program {
    Program { name, uses, compared: true }
}

/// A run takes less than a second. A program that hangs must not hang the check.
const RUN_TIMEOUT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let binary = std::env::current_exe()?;
    let profile = binary.parent().ok_or("the check has no folder")?;
    let servers = Servers::start(profile).await?;
    let mut failed = false;
    for program in &PROGRAMS {
        match check(program, profile, &servers).await {
            Ok(()) => println!("ok    {:18} {}", program.name, program.uses),
            Err(error) => {
                failed = true;
                println!("FAIL  {:18} {}: {error}", program.name, program.uses);
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn check(program: &Program, profile: &Path, servers: &Servers) -> Result<(), Box<dyn Error>> {
    let mut without = None;
    if program.compared {
        build(program, profile, &["--no-default-features"]).await?;
        let result = run(program, profile, servers).await;
        without = Some(result.map_err(|error| format!("without chatwire, {error}"))?);
    }
    build(program, profile, &[]).await?;
    let with = run(program, profile, servers).await;
    let with = with.map_err(|error| format!("with chatwire, {error}"))?;
    match without {
        Some(without) if without != with => Err(format!(
            "it prints something else with chatwire\nwithout: {without}\nwith:    {with}"
        )
        .into()),
        _ => Ok(()),
    }
}

/// Builds one package alone, because Cargo joins the features of all packages that it builds at once.
async fn build(program: &Program, profile: &Path, flags: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--quiet", "--locked", "--package", program.name, "--target-dir"])
        .arg(profile.parent().ok_or("the target folder has no name")?)
        .args(flags)
        .current_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .await?;
    if status.success() { Ok(()) } else { Err("it does not build".into()) }
}

/// Runs a program, and returns what it prints.
async fn run(program: &Program, profile: &Path, servers: &Servers) -> Result<String, String> {
    let mut command = Command::new(profile.join(program.name));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
        .env("NEIGHBOUR_HTTP", &servers.http)
        .env("NEIGHBOUR_HTTPS", &servers.https)
        .env("NEIGHBOUR_PROXY", &servers.proxy)
        .env("SSL_CERT_FILE", &servers.certificate)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    // The host that this program asks for can only be reached through the proxy.
    if program.name == "with-proxy" {
        command.env("HTTPS_PROXY", &servers.proxy);
    }
    let output = tokio::time::timeout(RUN_TIMEOUT, command.output()).await;
    let output = output.map_err(|_| format!("it hangs: no end after {RUN_TIMEOUT:?}"))?;
    printed(&output.map_err(|error| format!("it does not start: {error}"))?)
}

fn printed(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("it fails with {}:\n{}", output.status, errors.trim_end()))
}
