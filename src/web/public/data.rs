//! `/projects.json` and `/projects.csv`: the directory for programs. Public facts alone: of contacts no name, no address.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

use crate::domain::address::Mailbox;
use crate::domain::directory::{Channel, Directory, Project, ProjectId};
use crate::web::WebState;
use crate::web::public::directory::{ContactStanding, confirmed_on, contact_standing, path, public_key, report_path};
use crate::web::public::open;

/// Changes when a field is renamed, removed or means another thing; new fields leave it.
pub const SCHEMA: u32 = 1;

/// The routes of the data.
pub fn routes() -> Router<WebState> {
    Router::new().route("/projects.json", get(json)).route("/projects.csv", get(csv))
}

#[derive(serde::Serialize)]
struct DirectoryData<'a> {
    schema: u32,
    foundation: &'a str,
    security_address: &'a Mailbox,
    /// Where any problem may be reported.
    report: String,
    projects: Vec<ProjectData<'a>>,
}

#[derive(serde::Serialize)]
struct OneProject<'a> {
    schema: u32,
    #[serde(flatten)]
    project: ProjectData<'a>,
}

/// What everybody may know of a project.
#[derive(serde::Serialize)]
struct ProjectData<'a> {
    id: &'a ProjectId,
    name: &'a str,
    summary: Option<&'a str>,
    homepage: Option<&'a str>,
    repositories: &'a [String],
    packages: &'a [String],
    aliases: &'a [String],
    imports: &'a [String],
    domains: &'a [String],
    advisories: &'a [String],
    policy: Option<&'a str>,
    out_of_scope: Option<&'a str>,
    channel: Channel,
    channel_url: Option<&'a str>,
    /// The address that the project itself publishes, and no other.
    public_address: Option<&'a Mailbox>,
    /// The OpenPGP key of that address.
    public_key: Option<&'a str>,
    contact: ContactStanding,
    /// The day of the last proof, in UTC.
    contact_confirmed_on: Option<String>,
    /// ISO 8601: how long the project may take to confirm a report that we forward.
    acknowledges_within: String,
    page: String,
    report: String,
}

impl<'a> ProjectData<'a> {
    fn of(public_url: &str, directory: &Directory, project: &'a Project) -> Self {
        Self {
            id: &project.id,
            name: &project.name,
            summary: project.summary.as_deref(),
            homepage: project.homepage.as_deref(),
            repositories: &project.repositories,
            packages: &project.packages,
            aliases: &project.aliases,
            imports: &project.imports,
            domains: &project.domains,
            advisories: &project.advisories,
            policy: project.policy.as_deref(),
            out_of_scope: project.out_of_scope.as_deref(),
            channel: project.channel,
            channel_url: project.channel_url.as_deref(),
            public_address: project.public_address.as_ref(),
            public_key: public_key(project),
            contact: contact_standing(project),
            contact_confirmed_on: confirmed_on(project),
            acknowledges_within: project.target.unwrap_or(directory.promise.acknowledge).to_string(),
            page: format!("{public_url}{}", path(project)),
            report: format!("{public_url}{}", report_path(project)),
        }
    }
}

async fn json(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    open::data(&asked, open::JSON, directory_json(&state.house.public_url, &policy.directory))
}

fn directory_json(public_url: &str, directory: &Directory) -> String {
    written(&DirectoryData {
        schema: SCHEMA,
        foundation: &directory.foundation.name,
        security_address: &directory.foundation.security_address,
        report: format!("{public_url}/report"),
        projects: directory.projects.iter().map(|one| ProjectData::of(public_url, directory, one)).collect(),
    })
}

/// One project as `/projects/{id}.json` gives it.
pub fn project_json(public_url: &str, directory: &Directory, project: &Project) -> String {
    written(&OneProject { schema: SCHEMA, project: ProjectData::of(public_url, directory, project) })
}

/// Data as our JSON is written: a person may read it too.
pub fn written(data: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(data).expect("texts and lists of them are always JSON") + "\n"
}

async fn csv(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let policy = state.house.policy();
    let mut response = open::data(&asked, open::CSV, directory_csv(&state.house.public_url, &policy.directory));
    let name = HeaderValue::from_static("attachment; filename=\"projects.csv\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    response
}

fn directory_csv(public_url: &str, directory: &Directory) -> String {
    let titles = [
        "id",
        "name",
        "summary",
        "homepage",
        "channel",
        "channel_url",
        "public_address",
        "policy",
        "contact",
        "contact_confirmed_on",
        "page",
    ];
    let mut lines = csv_line(titles.iter().copied());
    for project in &directory.projects {
        let data = ProjectData::of(public_url, directory, project);
        lines += &csv_line([
            data.id.as_str(),
            data.name,
            data.summary.unwrap_or_default(),
            data.homepage.unwrap_or_default(),
            data.channel.word(),
            data.channel_url.unwrap_or_default(),
            data.public_address.map_or("", Mailbox::as_str),
            data.policy.unwrap_or_default(),
            data.contact.words(),
            data.contact_confirmed_on.as_deref().unwrap_or_default(),
            &data.page,
        ]);
    }
    lines
}

/// A line of RFC 4180, every cell in quotes.
fn csv_line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> =
        cells.into_iter().map(|cell| format!("\"{}\"", inert(cell).replace('"', "\"\""))).collect();
    cells.join(",") + "\r\n"
}

/// A cell that no spreadsheet takes for a formula: a quote stands before what would begin one (OWASP, "CSV Injection").
fn inert(cell: &str) -> String {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if cell.trim_start_matches(' ').starts_with(begins) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{directory, mailbox};

    const URL: &str = "https://security.story.example";

    #[test]
    fn the_directory_as_json_in_full() {
        let mut directory = directory();
        directory.projects.truncate(1);
        directory.projects[0].public_address = Some(mailbox("security@lantern.example"));
        directory.projects[0].packages = vec!["pkg:pypi/lantern".to_owned()];
        insta::assert_snapshot!(directory_json(URL, &directory), @r#"
        {
          "schema": 1,
          "foundation": "Story Foundation",
          "security_address": "security@story.example",
          "report": "https://security.story.example/report",
          "projects": [
            {
              "id": "lantern",
              "name": "Lantern",
              "summary": null,
              "homepage": null,
              "repositories": [],
              "packages": [
                "pkg:pypi/lantern"
              ],
              "aliases": [],
              "imports": [],
              "domains": [],
              "advisories": [],
              "policy": null,
              "out_of_scope": null,
              "channel": "mail",
              "channel_url": null,
              "public_address": "security@lantern.example",
              "public_key": null,
              "contact": "not-confirmed",
              "contact_confirmed_on": null,
              "acknowledges_within": "PT168H",
              "page": "https://security.story.example/projects/lantern",
              "report": "https://security.story.example/report?project=lantern"
            }
          ]
        }
        "#);
    }

    #[test]
    fn one_project_has_the_same_fields_and_the_schema() {
        let directory = directory();
        let one: serde_json::Value =
            serde_json::from_str(&project_json(URL, &directory, &directory.projects[1])).unwrap();
        let all: serde_json::Value = serde_json::from_str(&directory_json(URL, &directory)).unwrap();
        assert_eq!(one["schema"], 1);
        let mut expected = all["projects"][1].clone();
        expected["schema"] = 1.into();
        assert_eq!(one, expected);
    }

    #[test]
    fn no_cell_of_the_csv_is_a_formula_or_breaks_its_line() {
        let mut directory = directory();
        directory.projects[0].name = "=HYPERLINK(\"https://evil.example\",\"x\")".to_owned();
        directory.projects[0].summary = Some("a, \"b\"\r\nc".to_owned());
        let shown = directory_csv(URL, &directory);
        assert!(
            shown.contains("\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\",\"a, \"\"b\"\"\r\nc\","),
            "{shown}"
        );
        assert!(shown.starts_with("\"id\",\"name\","), "{shown}");
        assert!(shown.ends_with("\"https://security.story.example/projects/parsley\"\r\n"), "{shown}");
        for formula in ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "  =1", "＝1"] {
            assert!(inert(formula).starts_with('\''), "{formula:?}");
        }
        for plain in ["", "a=1", "Lantern", "https://a.example/-"] {
            assert_eq!(inert(plain), plain);
        }
    }
}
