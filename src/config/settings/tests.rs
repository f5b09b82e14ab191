//! Where each setting comes from, which goes first, and what a faulty one is answered by.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::config::policy;
use crate::config::relay::RelayTls;

/// A folder with a settings file and the arguments that name it.
fn written(toml: &str) -> (TempDir, SettingsArgs) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fingerpost.toml");
    fs::write(&file, toml).unwrap();
    let args = SettingsArgs { config: Some(file.display().to_string()), ..SettingsArgs::default() };
    (folder, args)
}

fn without_variables(_: &str) -> Option<String> {
    None
}

fn settings(args: &SettingsArgs) -> Settings {
    read_with(args, &without_variables).settings.unwrap()
}

/// The faults of the settings file, its folder left out, a line each.
fn faults(toml: &str) -> String {
    let (folder, args) = written(toml);
    let error = read_with(&args, &without_variables).settings.unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
    let (_folder, args) = written("[web]\nhttp = \"127.0.0.1:81\"\n[mail]\nsmtp = \"127.0.0.1:26\"\n");
    let args = SettingsArgs { http: Some("127.0.0.1:82".to_owned()), ..args };
    let settings = settings(&args);
    assert_eq!(settings.web.http, address("127.0.0.1:82"));
    assert_eq!(settings.mail.smtp, Some(address("127.0.0.1:26")));
    assert_eq!(settings.ops, Some(address("127.0.0.1:9464")));
}

#[test]
fn a_variable_goes_before_the_file_and_its_flag_before_the_variable() {
    // All tests of a process share one environment, so a process of its own has the variables.
    if std::env::var_os("FINGERPOST_HTTP").is_none() {
        let this_test = "config::settings::tests::a_variable_goes_before_the_file_and_its_flag_before_the_variable";
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", this_test])
            .envs([("FINGERPOST_HTTP", "127.0.0.1:82"), ("FINGERPOST_SMTP", "127.0.0.1:26")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let command = <SettingsArgs as clap::Args>::augment_args(clap::Command::new("fingerpost"));
    let matches = command.get_matches_from(["fingerpost", "--smtp", "127.0.0.1:27"]);
    let (_folder, named) = written("[web]\nhttp = \"127.0.0.1:81\"\n[mail]\nsmtp = \"127.0.0.1:25\"\n");
    let args = <SettingsArgs as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
    let settings = settings(&SettingsArgs { config: named.config, ..args });
    assert_eq!(settings.web.http, address("127.0.0.1:82"), "variable before file");
    assert_eq!(settings.mail.smtp, Some(address("127.0.0.1:27")), "flag before variable");
}

#[test]
fn an_empty_flag_or_variable_counts_as_not_given() {
    let (_folder, args) = written("[web]\nhttp = \"127.0.0.1:81\"\n");
    let args = SettingsArgs { http: Some(String::new()), relay: Some(String::new().into()), ..args };
    assert_eq!(settings(&args).web.http, address("127.0.0.1:81"));
}

#[test]
fn every_flag_reaches_its_setting() {
    let flag = |text: &str| Some(text.to_owned());
    let (_folder, args) = written("");
    let settings = settings(&SettingsArgs {
        projects: flag("p.toml"),
        database_url: Some("postgres://me:hunter2@db/x".to_owned().into()),
        http: flag("[::1]:1"),
        smtp: flag("off"),
        lmtp: flag("localhost:3"),
        ops: flag("off"),
        relay: Some("smtp://relay.example".to_owned().into()),
        public_url: flag("https://Security.example.org/"),
        key_file: flag("k.key"),
        ..args
    });
    assert_eq!(settings.projects, Path::new("p.toml"));
    assert_eq!(settings.key_file, Path::new("k.key"));
    assert_eq!(settings.web.http, address("[::1]:1"));
    assert_eq!((settings.mail.smtp, settings.mail.lmtp, settings.ops), (None, Some(address("127.0.0.1:3")), None));
    assert_eq!(settings.public_url.as_deref(), Some("https://security.example.org"));
    assert_eq!(settings.relay.as_ref().unwrap().host, "relay.example");
    assert!(!format!("{settings:?}").contains("hunter2"), "printing shows no password");
    let Database::Postgres(url) = settings.database else { panic!("postgres was asked for") };
    assert_eq!(url.expose(), "postgres://me:hunter2@db/x");
}

#[test]
fn an_empty_file_is_all_default() {
    let (folder, args) = written("");
    let settings = settings(&args);
    assert_eq!(settings.projects, folder.path().join("projects.toml"));
    assert_eq!(settings.database, Database::Sqlite(folder.path().join("fingerpost.db")));
    assert_eq!(settings.key_file, folder.path().join("fingerpost.key"));
    assert_eq!((settings.web.http, settings.mail.smtp), (address("127.0.0.1:8080"), Some(address("127.0.0.1:2525"))));
    assert_eq!((settings.mail.lmtp, settings.relay, settings.mail.tls), (None, None, None));
    assert_eq!((settings.mail.max_size, settings.mail.dns), (25_000_000, Dns::System));
}

#[test]
fn paths_of_the_file_count_from_its_folder_and_the_key_stands_beside_the_database() {
    let (folder, args) = written("projects = \"policy/p.toml\"\ndatabase_url = \"sqlite://data/cases.db\"\n");
    let settings = settings(&args);
    assert_eq!(settings.projects, folder.path().join("policy/p.toml"));
    assert_eq!(settings.database, Database::Sqlite(folder.path().join("data/cases.db")));
    assert_eq!(settings.key_file, folder.path().join("data/fingerpost.key"));
    assert_eq!(settings.spool, folder.path().join("data/fingerpost.spool"));
}

#[test]
fn what_is_not_set_follows_from_the_policy() {
    let directory = policy::parse("projects.toml", include_str!("../../../projects.toml")).unwrap();
    let (_folder, args) = written("");
    let plain = settings(&args);
    assert_eq!(plain.public_url(&directory), "https://security.northlight.example");
    assert_eq!(plain.authserv_id(&directory), "northlight.example");
    assert_eq!(plain.hostname(&directory), "security.northlight.example");

    let (_folder, args) = written(
        "public_url = \"http://localhost:8080\"\n[mail]\nauthserv_id = \"mx.example\"\nhostname = \"in.example\"\n",
    );
    let set = settings(&args);
    assert_eq!(set.public_url(&directory), "http://localhost:8080");
    assert_eq!((set.authserv_id(&directory), set.hostname(&directory).as_str()), ("mx.example", "in.example"));
}

#[test]
fn each_scheme_of_a_relay_has_its_port_and_its_encryption() {
    for (url, host, port, tls) in [
        ("smtp://relay.example", "relay.example", 25, RelayTls::Opportunistic),
        ("smtp+plain://127.0.0.1:1025", "127.0.0.1", 1025, RelayTls::None),
        ("smtp+starttls://relay.example", "relay.example", 587, RelayTls::Required),
        ("smtps://[2001:db8::1]/", "2001:db8::1", 465, RelayTls::Implicit),
    ] {
        let (_folder, args) = written(&format!("[relay]\nurl = \"{url}\"\n"));
        let relay = settings(&args).relay.unwrap();
        assert_eq!((relay.host.as_str(), relay.port, relay.tls, relay.user), (host, port, tls, None), "{url}");
    }
}

#[test]
fn the_password_of_the_relay_comes_from_a_variable_or_else_from_a_file() {
    let (folder, args) =
        written("[relay]\nurl = \"smtps://me+x@example.org@relay.example\"\npassword_file = \"password\"\n");
    fs::write(folder.path().join("password"), "from-file\n").unwrap();
    let relay = settings(&args).relay.unwrap();
    assert_eq!(relay.user.as_deref(), Some("me+x@example.org"));
    assert_eq!(relay.password.unwrap().expose(), "from-file");

    let variable = |name: &str| (name == "FINGERPOST_RELAY_PASSWORD").then(|| "from-variable".to_owned());
    let settings = read_with(&args, &variable).settings.unwrap();
    assert!(!format!("{settings:?}").contains("from-"), "printing shows no password");
    assert_eq!(settings.relay.unwrap().password.unwrap().expose(), "from-variable");
}

#[test]
fn the_password_of_the_database_comes_from_a_file() {
    let (folder, args) = written("database_url = \"postgres://me@db/x\"\ndatabase_password_file = \"password\"\n");
    fs::write(folder.path().join("password"), "p@ss\n").unwrap();
    let Database::Postgres(url) = settings(&args).database else { panic!("postgres was asked for") };
    assert_eq!(url.expose(), "postgres://me:p%40ss@db/x");
}

#[test]
fn a_fault_names_line_key_problem_and_fix() {
    const RELAY_SHAPE: &str =
        "Write it like smtp://localhost:25, smtp+starttls://user@mail.example.org or smtps://user@mail.example.org.";
    let relay_shape = |problem: &str| format!("fingerpost.toml:2: relay.url: {problem}. {RELAY_SHAPE}");
    for (toml, expected) in [
        ("databse_url = \"x\"", "fingerpost.toml:1: databse_url: is not a known key. Did you mean `database_url`?".to_owned()),
        ("database_url = \"mysql://x\"", "fingerpost.toml:1: database_url: is not the URL of a SQLite file or of a PostgreSQL database. Write it like sqlite://fingerpost.db or postgres://fingerpost@localhost/fingerpost.".to_owned()),
        ("database_url = \"sqlite://:memory:\"", "fingerpost.toml:1: database_url: would keep nothing over a restart. Name a file, like sqlite://fingerpost.db.".to_owned()),
        ("database_url = \"sqlite://x.db?mode=ro\"", "fingerpost.toml:1: database_url: has options after the `?`. Leave them out: Fingerpost sets the options of SQLite itself.".to_owned()),
        ("database_url = \"postgres://me:hunter2@db/x\"", "fingerpost.toml:1: database_url: has a password in it. Take it out, and name a file that holds it in database_password_file, or give the whole URL in FINGERPOST_DATABASE_URL.".to_owned()),
        ("database_password_file = \"fingerpost.toml\"", "fingerpost.toml:1: database_password_file: there is no PostgreSQL user whom the password is for. Name one in database_url, like postgres://fingerpost@localhost/fingerpost, or leave the password out.".to_owned()),
        ("[web]\nhttp = \"8080\"", "fingerpost.toml:2: web.http: \"8080\" is not an address and port. Write it like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0:8080 listens everywhere.".to_owned()),
        ("[web]\ntrusted_proxies = [\"10.0.0.0/33\"]", "fingerpost.toml:2: web.trusted_proxies[0]: \"10.0.0.0/33\" is not a network. Write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32.".to_owned()),
        ("[mail]\ntrusted_peers = [\"0.0.0.0/0\"]", "fingerpost.toml:2: mail.trusted_peers[0]: \"0.0.0.0/0\" would trust everybody. Write it like 10.0.0.0/8, 192.0.2.1 or 2001:db8::/32.".to_owned()),
        ("[mail]\nlmtp = \"on\"", "fingerpost.toml:2: mail.lmtp: \"on\" is not an address and port. Write it like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0:8080 listens everywhere. `off` leaves it shut.".to_owned()),
        ("[mail]\nmax_size = \"25MB\"", "fingerpost.toml:2: mail.max_size: must be a whole number and is text. Write a whole number from 1000000 to 60000000.".to_owned()),
        ("[mail]\nmax_size = 25", "fingerpost.toml:2: mail.max_size: 25 is out of range. Write a whole number from 1000000 to 60000000.".to_owned()),
        ("[mail]\ndns = \"sytem\"", "fingerpost.toml:2: mail.dns: \"sytem\" is not known here. Did you mean `system`? Known are `system`, `off`.".to_owned()),
        ("[mail]\nenvelope_header = \"Delivered-To:\"", "fingerpost.toml:2: mail.envelope_header: \"Delivered-To:\" is not the name of a header. Write it like Delivered-To, without the colon.".to_owned()),
        ("[mail]\ntls_key = \"fingerpost.toml\"", "fingerpost.toml:2: mail.tls_key: stands without tls_certificate. Name the other file in tls_certificate, or leave both out: then STARTTLS is not offered.".to_owned()),
        ("[mail]\ntls_key = \"no.pem\"\ntls_certificate = \"fingerpost.toml\"", "fingerpost.toml:2: mail.tls_key: there is no file \"no.pem\". Write its path, from / or from the folder of this file.".to_owned()),
        ("[mail]\nsmtp = \"0.0.0.0:8080\"", "settings: mail.smtp: 0.0.0.0:8080 is where web.http listens too. Give one of the two another port.".to_owned()),
        ("relay = \"smtp://localhost\"", "fingerpost.toml:1: relay: must be a section and is text. Begin the section with [relay], in one pair of brackets.".to_owned()),
        ("[relay]\nurl = \"localhost\"", relay_shape("is not the URL of a relay")),
        ("[relay]\nurl = \"smtp://\"", relay_shape("is not the URL of a relay")),
        ("[relay]\nurl = \"smtp://relay/path\"", relay_shape("is not the URL of a relay")),
        ("[relay]\nurl = \"lmtp://relay\"", relay_shape("has the unknown scheme `lmtp`")),
        ("[relay]\nurl = \"smtps://me:hunter2@relay\"", "fingerpost.toml:2: relay.url: has a password in it. Take it out, and name a file that holds it in relay.password_file, or set FINGERPOST_RELAY_PASSWORD.".to_owned()),
        ("[relay]\nurl = \"smtps://me@relay\"", "fingerpost.toml:2: relay.url: names a user and there is no password. Name a file that holds it in relay.password_file, or set FINGERPOST_RELAY_PASSWORD.".to_owned()),
        ("[relay]\nurl = \"smtp://me@relay\"", "fingerpost.toml:2: relay.url: names a user, whose password could be read on the way. Begin the URL with smtp+starttls:// or smtps://.".to_owned()),
        ("[relay]\nurl = \"smtp://relay\"\npassword_file = \"fingerpost.toml\"", "fingerpost.toml:3: relay.password_file: relay.url names no user. Put the user into relay.url, like smtps://user@mail.example.org, or leave the password out.".to_owned()),
    ] {
        assert_eq!(faults(toml), expected, "{toml}");
    }
}

#[test]
fn a_faulty_flag_is_named_with_its_variable_beside_the_faults_of_the_file() {
    let (_folder, args) = written("[mail]\ndns = 7\n");
    let args = SettingsArgs { http: Some("here".to_owned()), ..args };
    let error = read_with(&args, &without_variables).settings.unwrap_err();
    assert_eq!(error.0.len(), 2);
    assert_eq!(
        error.0[0].to_string(),
        "--http or FINGERPOST_HTTP: web.http: \"here\" is not an address and port. \
         Write it like 127.0.0.1:8080 or [::1]:8080; 0.0.0.0:8080 listens everywhere."
    );
}

#[test]
fn a_settings_file_that_is_named_must_be_there() {
    let args = SettingsArgs { config: Some("/nonexistent/fingerpost.toml".to_owned()), ..SettingsArgs::default() };
    let error = read_with(&args, &without_variables).settings.unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/fingerpost.toml: there is no such file. "), "{error}");
}

#[test]
fn a_flag_hides_no_fault_of_the_file_and_takes_no_password_from_it() {
    let (folder, args) = written("[relay]\nurl = \"smtps://me@relay.example\"\npassword_file = \"password\"\n");
    fs::write(folder.path().join("password"), "secret\n").unwrap();
    let args = SettingsArgs { relay: Some("smtp://localhost".to_owned().into()), ..args };
    assert_eq!(settings(&args).relay.unwrap().password, None);

    let (_folder, args) = written("[web]\nhttp = \"here\"\n");
    let args = SettingsArgs { http: Some("127.0.0.1:82".to_owned()), ..args };
    assert!(read_with(&args, &without_variables).settings.is_err());
}

#[test]
fn each_setting_is_shown_with_where_it_came_from_and_no_secret_is() {
    let (folder, args) = written("[mail]\nhostname = \"mx.story.example\"\n[relay]\npassword_file = \"secret\"\n");
    fs::write(folder.path().join("secret"), "hunter2\n").unwrap();
    let args = SettingsArgs {
        http: Some("127.0.0.1:82".to_owned()),
        smtp: Some("127.0.0.1:26".to_owned()),
        database_url: Some("postgres://me:hunter2@db/x?password=hunter2".to_owned().into()),
        relay: Some("smtps://me@relay.story.example".to_owned().into()),
        ..args
    };
    let variable = |name: &str| (name == "FINGERPOST_SMTP").then(|| "127.0.0.1:26".to_owned());
    let settings = read_with(&args, &variable).settings.unwrap();
    let line = |key: &str| {
        let found = settings.shown.iter().find(|line| line.key == key).unwrap_or_else(|| panic!("no {key}"));
        format!("{} ({})", found.value, found.origin)
    };
    for (key, shown) in [
        ("web.http", "127.0.0.1:82 (--http)"),
        ("mail.smtp", "127.0.0.1:26 (FINGERPOST_SMTP)"),
        ("mail.lmtp", "off (default)"),
        ("mail.hostname", "mx.story.example (settings file)"),
        ("database_url", "postgres://me@db/x (--database-url)"),
        ("relay.url", "smtps://me@relay.story.example:465 (--relay)"),
        ("relay.password", "set, not shown (settings file)"),
        ("operator", "nobody: the chair is told (default)"),
    ] {
        assert_eq!(line(key), shown);
    }
    assert!(!format!("{:?}", settings.shown).contains("hunter2"));
    let known = TOP.iter().filter(|key| !["web", "mail", "relay"].contains(*key)).count()
        + WEB.len()
        + MAIL.len()
        + RELAY.len();
    assert_eq!(settings.shown.len(), known, "a new setting is shown as well");
}
