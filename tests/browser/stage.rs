//! A demo and a Chromium of one story's own, which both end with it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

/// What the program does by itself, and what a page waits for, is done within this time on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The words of a sign-in line for the chair begin so.
const CHAIR: &str = "chair";

/// A process that is told to stop when the story ends, however it ends.
struct Process {
    child: Child,
    /// What it prints; kept open, for a closed pipe would end it.
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads on until a line has `mark`, and gives the rest of that line.
    fn says(&mut self, mark: &str) -> String {
        let found = self
            .lines
            .by_ref()
            .map(Result::unwrap)
            .find_map(|line| line.split_once(mark).map(|(_, rest)| rest.trim().to_owned()));
        found.unwrap_or_else(|| panic!("it ended without saying {mark:?}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM and not SIGKILL: the demo removes its folder, the driver ends its browser.
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// How the story's browser is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// Plays a story in a browser of its own, on a demo of its own. Whatever the console said fails it.
///
/// Without Chromium the story is not played, loudly, unless `FINGERPOST_REQUIRE` names `chromium`.
pub fn play(script: Script, story: impl AsyncFnOnce(&Stage)) {
    let Some((chromium, driver)) = browser() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stage = Stage::open(&chromium, &driver, script).await;
        let outcome = AssertUnwindSafe(story(&stage)).catch_unwind().await;
        let said = console(&stage.client).await;
        stage.client.clone().close().await.unwrap();
        if let Err(panic) = outcome {
            eprintln!("the console said: {said:#?}");
            std::panic::resume_unwind(panic);
        }
        assert!(said.is_empty(), "the console said: {said:#?}");
    });
}

/// Chromium and its driver, where Debian puts them or where the path says.
fn browser() -> Option<(PathBuf, PathBuf)> {
    let found = (in_path("chromium"), in_path("chromedriver"));
    if let (Some(chromium), Some(driver)) = found {
        return Some((chromium, driver));
    }
    let is_required = std::env::var("FINGERPOST_REQUIRE").is_ok_and(|names| names.contains("chromium"));
    assert!(!is_required, "FINGERPOST_REQUIRE names chromium: install `chromium` and `chromium-driver`");
    // Not by `eprintln!`, which the harness keeps to itself when a test passes.
    let _ =
        writeln!(std::io::stderr(), "SKIPPED: no page was looked at, for chromium or chromedriver is not installed");
    None
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// What the console of the browser holds since it was last asked: errors, warnings, refusals of the policy.
async fn console(client: &Client) -> Vec<Value> {
    let entries = client.issue_cmd(Extra { path: "se/log", body: json!({ "type": "browser" }) }).await.unwrap();
    entries.as_array().unwrap().iter().filter(|entry| !is_refusal(entry)).cloned().collect()
}

/// Chromium notes each page whose status is a refusal. Stories ask for such pages, and say what they must show; a part
/// of a page that is missing is a fault.
fn is_refusal(entry: &Value) -> bool {
    let message = entry["message"].as_str().unwrap_or_default();
    let is_page = !message.contains("/assets/");
    is_page && ["(Not Found)", "(Unprocessable Entity)"].iter().any(|status| message.ends_with(status))
}

/// A command of Chromium's driver beyond the standard.
#[derive(Debug)]
struct Extra {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extra {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Does this to an element, again where the browser says that the element's page is gone: what the click before began
/// was under way still, and nothing was done to the old page.
async fn while_the_page_turns<T>(act: impl AsyncFn() -> Result<T, CmdError>) -> T {
    let began = Instant::now();
    loop {
        match act().await {
            Err(error) if is_of_the_old_page(&error) && began.elapsed() < PATIENCE => (),
            done => return done.unwrap(),
        }
    }
}

fn is_of_the_old_page(error: &CmdError) -> bool {
    let CmdError::Standard(error) = error else { return false };
    matches!(error.error, ErrorStatus::StaleElementReference | ErrorStatus::NoSuchElement)
}

/// The page of one person's mail.
fn mailbox_of(recipient: &str) -> String {
    format!("/demo/mail?of={}", recipient.replace('@', "%40"))
}

/// A demo that somebody looks at.
pub struct Stage {
    pub client: Client,
    /// Where the demo's pages are, without a slash at the end.
    pub url: String,
    /// The chair's sign-in line.
    link: String,
    _demo: Process,
    _driver: Process,
    _profile: tempfile::TempDir,
}

impl Stage {
    async fn open(chromium: &Path, driver: &Path, script: Script) -> Self {
        let mut demo = Process::start(Command::new(env!("CARGO_BIN_EXE_fingerpost")).args([
            "demo",
            "--http",
            "127.0.0.1:0",
            "--smtp",
            "127.0.0.1:0",
        ]));
        let url = demo.says("pages ");
        let link = demo.says(CHAIR);
        let link = link[link.find("http").unwrap()..].to_owned();
        assert!(link.starts_with(&format!("{url}/login/")), "{link}");
        let mut driver = Process::start(Command::new(driver).arg("--port=0"));
        let port = driver.says("started successfully on port");
        let profile = tempfile::tempdir().unwrap();
        let capabilities = json!({
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": chromium,
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", format!("--user-data-dir={}", profile.path().display()),
                ],
                "prefs": { "profile.managed_default_content_settings.javascript": if script == Script::Off { 2 } else { 1 } },
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("it is an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", port.trim_end_matches('.')))
            .await
            .unwrap();
        let stage = Self { client, url, link, _demo: demo, _driver: driver, _profile: profile };
        assert_eq!(stage.runs_script().await, script == Script::On);
        stage
    }

    /// Whether the browser is set up as the story says.
    async fn runs_script(&self) -> bool {
        self.client.goto("data:text/html,<title>off</title><script>document.title='on'</script>").await.unwrap();
        self.client.title().await.unwrap() == "on"
    }

    /// Goes to a page by its address.
    pub async fn open_page(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.url)).await.unwrap();
    }

    /// Signs the chair in by the printed line: its link, then the button.
    pub async fn sign_in(&self) {
        self.client.goto(&self.link).await.unwrap();
        self.press("Sign in").await;
        self.sees("At risk now").await;
    }

    /// Presses the button, or follows the link, of these words.
    pub async fn press(&self, words: &str) {
        let called = format!("[normalize-space(.)='{words}']");
        let of_the_page = format!("//main//button{called} | //main//a{called}");
        let anywhere = format!("{of_the_page} | //header//a{called} | //*[@class='demo']//button{called}");
        while_the_page_turns(async || {
            let first = self.find(&anywhere).await;
            // The menu has entries of the same words, and stands first.
            let meant = self.client.find(Locator::XPath(&of_the_page)).await.unwrap_or(first);
            meant.click().await
        })
        .await;
    }

    /// An hour goes by in the demo while a page stays open: whoever sends a form within two seconds is no person.
    pub fn an_hour_passes(&self) {
        let host = self.url.trim_start_matches("http://");
        let mut demo = TcpStream::connect(host).unwrap();
        let body = "hours=1";
        write!(
            demo,
            "POST /demo/clock HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        demo.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    }

    /// The first element at `xpath`, once it is there.
    pub async fn find(&self, xpath: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(xpath)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let at = self.client.current_url().await.unwrap();
                panic!("no {xpath} at {at}: {error}\n{}", self.text().await)
            }
        }
    }

    /// The page says this somewhere.
    pub async fn sees(&self, words: &str) {
        self.find(&format!("//main//*[contains(normalize-space(.), '{words}')]")).await;
    }

    /// Asks for the page again until it says this: the program does its part by itself.
    pub async fn comes_to_see(&self, path: &str, words: &str) {
        let began = Instant::now();
        self.open_page(path).await;
        while !self.text().await.contains(words) {
            assert!(began.elapsed() < PATIENCE, "{path} never came to say {words:?}:\n{}", self.text().await);
            self.open_page(path).await;
        }
    }

    /// What a person reads of the page.
    pub async fn text(&self) -> String {
        while_the_page_turns(async || self.client.find(Locator::Css("body")).await?.text().await).await
    }

    /// The path of the page.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Types into the field of this label.
    pub async fn types(&self, label: &str, text: &str) {
        while_the_page_turns(async || {
            let field = self.find(&format!("//*[@id=//label[normalize-space(.)='{label}']/@for]")).await;
            field.clear().await?;
            field.send_keys(text).await
        })
        .await;
    }

    /// Chooses from the list of this label.
    pub async fn chooses(&self, label: &str, option: &str) {
        while_the_page_turns(async || {
            let list = self.find(&format!("//select[@id=//label[normalize-space(.)='{label}']/@for]")).await;
            list.select_by_label(option).await
        })
        .await;
    }

    /// Ticks the box, or chooses the radio button, of this label.
    pub async fn ticks(&self, label: &str) {
        let label = format!("//main//label[normalize-space(.)=\"{label}\"]");
        while_the_page_turns(async || self.find(&label).await.click().await).await;
    }

    /// Presses a button or follows a link to a page that fits.
    pub async fn goes(&self, words: &str) {
        self.press(words).await;
        self.fits().await;
    }

    /// Goes to a page that fits.
    pub async fn looks_at(&self, path: &str) {
        self.open_page(path).await;
        self.fits().await;
    }

    /// Moves the clock while this page stays as it is.
    pub async fn an_hour_passes_in_another_tab(&self) {
        let this = self.client.window().await.unwrap();
        let other = self.client.new_window(true).await.unwrap().handle;
        self.client.switch_to_window(other).await.unwrap();
        self.open_page("/how").await;
        self.press("+1 hour").await;
        self.find("//main//h1").await;
        self.client.close_window().await.unwrap();
        self.client.switch_to_window(this).await.unwrap();
    }

    /// Opens the last letter to `recipient` with these words in its subject, once it has come.
    pub async fn opens_letter(&self, recipient: &str, subject: &str) {
        let mailbox = mailbox_of(recipient);
        self.comes_to_see(&mailbox, subject).await;
        self.fits().await;
        let letter = format!("//main//td//a[contains(., '{subject}')]");
        while_the_page_turns(async || self.find(&letter).await.click().await).await;
        self.find("//main//pre").await;
        self.fits().await;
    }

    /// Opens the letters to `recipient`, the last one first, until one says this.
    pub async fn opens_letter_saying(&self, recipient: &str, words: &str) {
        self.open_page(&mailbox_of(recipient)).await;
        let letters = self.client.find_all(Locator::XPath("//main//td//a")).await.unwrap();
        let mut paths = Vec::new();
        for letter in letters {
            paths.extend(letter.attr("href").await.unwrap());
        }
        for path in paths {
            self.looks_at(&path).await;
            if self.text().await.contains(words) {
                return;
            }
        }
        panic!("no letter to {recipient} says {words:?}");
    }

    /// Nothing of the page stands out at its side. Asked of the browser and not of the page, which may have no script.
    pub async fn fits(&self) {
        let sizes = self.ask("Page.getLayoutMetrics", json!({})).await;
        let width = |of: &str, name: &str| sizes[of][name].as_f64().unwrap();
        let (content, window) = (width("cssContentSize", "width"), width("cssLayoutViewport", "clientWidth"));
        let at = self.client.current_url().await.unwrap();
        assert!(content <= window, "{at} is {content} px wide in a window of {window}");
    }

    /// Asks Chromium for what no standard command does.
    pub async fn emulate(&self, command: &str, parameters: Value) {
        self.ask(command, parameters).await;
    }

    async fn ask(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Extra { path: "goog/cdp/execute", body }).await.unwrap()
    }
}
