//! `/admin/settings`: the settings in force and where each came from; and what `projects.toml` promises.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Extension, Router};
use maud::{Markup, html};

use crate::domain::directory::{AutoForward, Directory};
use crate::domain::setting::Setting;
use crate::web::WebState;
use crate::web::desk::desk_page;
use crate::web::frame::{Place, WebError};
use crate::web::session::AtDesk;
use crate::web::when::promised;

/// The operator's settings in words, handed to the pages by whoever has read them; the demo has none.
#[derive(Debug, Clone, Default)]
pub struct SettingsInForce(Arc<[Setting]>);

impl From<Vec<Setting>> for SettingsInForce {
    fn from(settings: Vec<Setting>) -> Self {
        Self(settings.into())
    }
}

/// The route of the settings.
pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/admin/settings", get(show))
}

async fn show(
    State(state): State<WebState>,
    AtDesk(member): AtDesk,
    settings: Option<Extension<SettingsInForce>>,
) -> Result<Markup, WebError> {
    let settings = settings.map(|Extension(settings)| settings).unwrap_or_default();
    let body = page(&settings.0, &state.house.policy().directory);
    Ok(desk_page(&state, &member, Place::Settings, "Settings", body).await?)
}

fn page(settings: &[Setting], directory: &Directory) -> Markup {
    html! {
        h1 { "Settings" }
        p.muted { "As the program runs with them. A flag goes before a variable, both before the settings file. The operator changes them and \
                   starts the program again; passwords and keys are never shown." }
        h2 { "Of the operator" }
        @if settings.is_empty() { p { "The demo needs none." } }
        @else {
            table.stacks {
                thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "From" } } }
                tbody { @for setting in settings {
                    tr { td.mono { (setting.key) } td { (setting.value) } td { span.label { "From: " } (setting.origin) } }
                } }
            }
        }
        h2 { "Of the foundation" }
        p { "From " code { "projects.toml" } ", which is read again when it changes." }
        (policy(directory))
    }
}

fn policy(directory: &Directory) -> Markup {
    let (foundation, routing, promise) = (&directory.foundation, &directory.routing, &directory.promise);
    let auto_forward = match routing.auto_forward {
        AutoForward::Strong => "strong: what leaves no doubt goes by itself",
        AutoForward::Chosen => "chosen: only what the reporter picked goes by itself",
        AutoForward::Off => "off: a member decides each",
    };
    html! {
        dl.facts {
            dt { "Foundation" } dd { (foundation.name) ", " (foundation.security_address) }
            dt { "Pages" } dd { (foundation.public_url) }
            dt { "Hosts of security.txt" } dd { @if foundation.hosts.is_empty() { "that of the pages" } @else { (foundation.hosts.join(", ")) } }
            dt { "First reply" } dd { "within " (promised(promise.first_reply)) }
            dt { "Acknowledgement" } dd { "within " (promised(promise.acknowledge)) ", or as a project promises" }
            dt { "Forwarding" } dd { (auto_forward) }
            dt { "Hold" } dd { (routing.hold.as_secs()) " seconds" }
            dt { "By itself at most" }
            dd { (routing.projects_per_report) " projects a report, " (routing.forwards_per_sender_a_day) " a sender and day, "
                (routing.forwards_an_hour) " an hour" }
            dt { "Projects" } dd { (directory.projects.len()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::setting::Origin;
    use crate::web::samples::{HOSTILE, directory, safe, shows_hostile_texts};

    #[test]
    fn each_setting_stands_with_its_value_and_where_it_came_from() {
        let setting = Setting { key: "web.http", value: HOSTILE.to_owned(), origin: Origin::Flag("http") };
        let shown = shows_hostile_texts(page(&[setting], &directory()), 1);
        for words in ["web.http", "--http", "within 3 days", "chosen: only", "60 seconds", "3 projects a report"] {
            assert!(shown.contains(words), "{words} in {shown}");
        }
        assert!(safe(page(&[], &directory())).contains("The demo needs none."));
    }
}
