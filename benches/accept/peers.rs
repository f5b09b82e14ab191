//! The two programs that are measured, each started in a folder of its own and stopped at the end.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

const POLICY: &str = r#"
[foundation]
name = "Bench Foundation"
security_address = "security@bench.example"
public_url = "https://security.bench.example"

[routing]
auto_forward = "strong"
hold = "0s"
forwards_per_sender_a_day = 10000
forwards_an_hour = 10000

[[committee]]
name = "Ada Chair"
email = "ada@bench.example"
role = "chair"

[[project]]
id = "parsley"
name = "Parsley"
contacts = [{ email = "security@parsley.example" }]
"#;

/// Our release binary.
pub struct Fingerpost {
    pub smtp: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Fingerpost {
    pub fn start(relay: Option<SocketAddr>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("projects.toml"), POLICY)?;
        fs::write(
            folder.path().join("fingerpost.toml"),
            "ops = \"off\"\n[mail]\ndns = \"off\"\nconnections_per_peer = 100\nmessages_per_peer = 1000000\n",
        )?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_fingerpost"));
        command.args(["serve", "--smtp", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        if let Some(relay) = relay {
            command.args(["--relay", &format!("smtp+plain://{relay}")]);
        }
        let mut child = command
            .current_dir(folder.path())
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start fingerpost")?;
        let greeting = BufReader::new(child.stdout.take().context("no stdout")?).lines().map_while(Result::ok);
        let line = greeting.into_iter().find(|line| line.contains("SMTP")).context("it did not start")?;
        let smtp = line.split_whitespace().last().context("no address")?.parse()?;
        Ok(Self { smtp, child, _folder: folder })
    }

    /// Proportional set size.
    pub fn pss_mib(&self) -> u64 {
        self.kib("smaps_rollup", "Pss:") / 1024
    }

    /// The largest resident size so far.
    pub fn peak_mib(&self) -> u64 {
        self.kib("status", "VmHWM:") / 1024
    }

    fn kib(&self, file: &str, field: &str) -> u64 {
        let text = fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
    }

    pub fn stop(&mut self) {
        // It leaves nothing behind that is still wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Fingerpost {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Debian's Postfix with a queue of its own, which discards what it has queued.
pub struct Postfix {
    pub smtp: SocketAddr,
    folder: tempfile::TempDir,
}

impl Postfix {
    /// `None`, said aloud, where it is not installed or we are not root.
    pub fn start() -> anyhow::Result<Option<Self>> {
        if !Path::new("/usr/sbin/postfix").exists() {
            println!("SKIPPED: no Postfix to measure beside (apt-get install postfix)");
            return Ok(None);
        }
        let smtp = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = tempfile::Builder::new().prefix("fingerpost-postfix-").tempdir()?;
        let path = folder.path().display();
        open_to_all(folder.path())?;
        for (name, owner) in [("conf", "root"), ("queue", "root"), ("data", "postfix")] {
            let place = folder.path().join(name);
            fs::create_dir(&place)?;
            open_to_all(&place)?;
            ensure!(Command::new("chown").arg(owner).arg(&place).status()?.success(), "cannot give {name} to {owner}");
        }
        fs::write(
            folder.path().join("conf/main.cf"),
            format!("{MAIN}queue_directory = {path}/queue\ndata_directory = {path}/data\n"),
        )?;
        fs::write(folder.path().join("conf/master.cf"), MASTER.replace("PORT", &format!("127.0.0.1:{}", smtp.port())))?;
        let started = Command::new("/usr/sbin/postfix").args(["-c", &format!("{path}/conf"), "start"]).output()?;
        ensure!(started.status.success(), "postfix did not start: {}", String::from_utf8_lossy(&started.stderr));
        Ok(Some(Self { smtp, folder }))
    }
}

fn open_to_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?)
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let conf = self.folder.path().join("conf");
        let _ = Command::new("/usr/sbin/postfix").arg("-c").arg(conf).arg("stop").output();
    }
}

const MAIN: &str = "compatibility_level = 3.6
myhostname = peer.bench.example
mydestination = bench.example
local_recipient_maps =
alias_maps =
local_transport = discard:
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
mynetworks = 127.0.0.0/8
maillog_file = /dev/null
maillog_file_prefixes = /dev
";

const MASTER: &str = "PORT inet n - n - 100 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";
