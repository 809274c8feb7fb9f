//! A real registry on loopback: Debian's `docker-registry`.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};

use super::contest::Pushed;
use super::gallery::home;
use crate::shell::{program, run};

/// A registry that holds one image as `bench:1`, until it is dropped.
pub(crate) struct Registry {
    /// `127.0.0.1:PORT`
    pub(crate) host: String,
    child: Child,
    directory: PathBuf,
}

impl Registry {
    pub(crate) fn with(pushed: Pushed) -> Result<Registry> {
        let directory = home().join("work/registry");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory)?;
        let config = directory.join("config.yml");
        fs::write(
            &config,
            format!(
                "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
                 storage: {{filesystem: {{rootdirectory: {}}}}}\n\
                 http: {{addr: \"127.0.0.1:0\", secret: known}}\n",
                directory.join("storage").display(),
            ),
        )?;
        let mut child = program("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("docker-registry")?;
        let log = child.stderr.take();
        let mut registry = Registry {
            host: String::new(),
            child,
            directory,
        };
        let mut lines = BufReader::new(log.context("the registry's log")?).lines();
        let listening = lines
            .by_ref()
            .map_while(|line| line.ok())
            .find_map(|line| listening(&line));
        let Some(host) = listening else {
            bail!("docker-registry ended before it listened");
        };
        registry.host = host;
        let mut log = File::create(log_path())?;
        // A full pipe would stop the registry; the thread ends with it.
        std::thread::spawn(move || {
            for line in lines.map_while(|line| line.ok()) {
                // Whoever reads the log misses the line.
                let _ = writeln!(log, "{line}");
            }
        });
        let format = pushed.format.map(|name| ["--dest-compress-format", name]);
        run(program("skopeo")
            .args([
                "--insecure-policy",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
            ])
            .args(format.into_iter().flatten())
            .arg(format!("oci-archive:{}:1", pushed.image.oci().display()))
            .arg(format!("docker://{}/bench:1", registry.host)))?;
        Ok(registry)
    }
}

/// Where the registry says what it answered.
pub(crate) fn log_path() -> PathBuf {
    home().join("work/registry.log")
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The address in the line of the log that tells it.
fn listening(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening on ")?;
    rest.split(['"', ' ', ',']).next().map(str::to_owned)
}
