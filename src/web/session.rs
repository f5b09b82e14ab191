//! Who asks: the session cookie, and the one gate in front of the desk's pages.

use axum::extract::{FromRequestParts, MatchedPath, OptionalFromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use jiff::Timestamp;

use crate::domain::access::{Act, Viewer, is_fresh, may};
use crate::domain::directory::Member;
use crate::flows::conflicts;
use crate::flows::sessions::{self, Visit};
use crate::flows::sign_in::Device;
use crate::store::Named;
use crate::web::WebState;
use crate::web::back::{page_of, with_back};
use crate::web::frame::WebError;

/// Where a member signs in once more.
const AGAIN: &str = "/me/again";

/// The cookie's name: `__Host-` binds it to this host and to https; a browser refuses that name on plain http.
fn cookie_name(state: &WebState) -> &'static str {
    if state.is_https() { "__Host-fingerpost" } else { "fingerpost" }
}

/// The name of the cookie by which a browser is known that asked for a sign-in letter.
fn asking_name(state: &WebState) -> &'static str {
    if state.is_https() { "__Host-fingerpost-asked" } else { "fingerpost-asked" }
}

/// The cookie that carries a new session.
pub fn cookie(state: &WebState, secret: String) -> Cookie<'static> {
    our_cookie(state, cookie_name(state), secret, SameSite::Lax)
}

/// The cookie of a browser that asked for a sign-in letter. It opens nothing by itself.
pub fn asking_cookie(state: &WebState, secret: String) -> Cookie<'static> {
    our_cookie(state, asking_name(state), secret, SameSite::Strict)
}

fn our_cookie(state: &WebState, name: &'static str, secret: String, same_site: SameSite) -> Cookie<'static> {
    Cookie::build((name, secret)).path("/").http_only(true).secure(state.is_https()).same_site(same_site).build()
}

/// The cookie that ends a session in the browser.
pub fn no_cookie(state: &WebState) -> Cookie<'static> {
    let mut cookie = cookie(state, String::new());
    cookie.make_removal();
    cookie
}

/// The same cookie, to be removed.
pub fn no_asking_cookie(state: &WebState) -> Cookie<'static> {
    asking_cookie(state, String::new())
}

/// The secret of the request's session, if it brought one.
pub fn secret(state: &WebState, jar: &CookieJar) -> Option<String> {
    jar.get(cookie_name(state)).map(|cookie| cookie.value().to_owned())
}

/// The secret of a browser that asked for a sign-in letter.
pub fn asking_secret(state: &WebState, jar: &CookieJar) -> Option<String> {
    jar.get(asking_name(state)).map(|cookie| cookie.value().to_owned())
}

/// The browser of a request: which kind it says that it is, and the session that it had until now.
pub fn device<'a>(headers: &HeaderMap, cookie: Option<&'a str>) -> Device<'a> {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Device { name: device_words(agent), cookie }
}

/// "Firefox on Linux", of words of ours alone. The order counts: most browsers name others as well.
fn device_words(agent: &str) -> Option<String> {
    const BROWSERS: [(&str, &str); 5] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "a Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let named =
        |words: &[(&str, &'static str)]| words.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let (browser, system) = (named(&BROWSERS)?, named(&SYSTEMS));
    Some(system.map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}")))
}

/// A signed-in member who may work on cases. Whoever is not is sent to the sign-in page, or refused on a POST; the
/// board is sent to its own page.
pub struct AtDesk(pub Member);

impl FromRequestParts<WebState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        at_desk(parts, state, Since::Whenever).await.map(Self)
    }
}

/// The same, signed in within the last minutes: for what changes the directory, and for what is taken along. Whoever
/// finds a browser open can do neither (THREATS.md row 66).
pub struct JustSignedIn(pub Member);

impl FromRequestParts<WebState> for JustSignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        at_desk(parts, state, Since::JustNow).await.map(Self)
    }
}

/// How long ago somebody may have signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Since {
    Whenever,
    JustNow,
}

/// To the page where a member signs in once more, which leads back to the page that was asked for; from a form, to the
/// page that its room begins with.
fn once_more(parts: &Parts) -> Response {
    let room = || parts.uri.path().split('/').take(2).collect::<Vec<_>>().join("/");
    let back = if parts.method.is_safe() { page_of(&parts.uri).to_owned() } else { room() };
    Redirect::to(&with_back(AGAIN, &back)).into_response()
}

/// Here, so that no page can forget who may see it, nor that it was looked at.
async fn at_desk(parts: &mut Parts, state: &WebState, since: Since) -> Result<Member, Response> {
    let act = if parts.method.is_safe() { Act::ReadCases } else { Act::WorkOnCases };
    let visit = visit(parts, state).await.map_err(IntoResponse::into_response)?;
    let who = visit.as_ref().map_or(&Viewer::Anonymous, |visit| &visit.viewer);
    let Some(member) = member(who, state).filter(|_| may(who, act)) else {
        return Err(match parts.method.is_safe() {
            true => Redirect::to(&way_in(who, parts)).into_response(),
            false => no_session(),
        });
    };
    let named = RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
    let room =
        parts.extensions.get::<MatchedPath>().and_then(|path| path.as_str().split('/').nth(1)).unwrap_or_default();
    let address: Vec<Named<'_>> = named.iter().filter_map(|(name, value)| names(room, name, value)).collect();
    match conflicts::may_at(&state.house, who, act, &address).await {
        Ok(true) => {}
        // As if it were not there: that there is such a case is nothing to say either.
        Ok(false) => return Err(WebError::NotFound.into_response()),
        Err(error) => return Err(WebError::Store(error).into_response()),
    }
    let signed_in_at = visit.as_ref().map_or(Timestamp::MIN, |visit| visit.session.created_at);
    if since == Since::JustNow && !is_fresh(signed_in_at, state.house.now()) {
        return Err(once_more(parts));
    }
    let of = named.iter().next().map(|(_, value)| value);
    state.house.views.log.note(&member.email, parts.uri.path(), of, state.house.now());
    Ok(member)
}

/// By what the case of a page is found: `value` stands in its address where the route says `name`, in that room of the
/// desk. `None` for what belongs to no case; the journey `access` knows every route.
fn names<'a>(room: &str, name: &str, value: &'a str) -> Option<Named<'a>> {
    Some(match (room, name) {
        ("cases", "number" | "other") => Named::Number(value),
        ("handlings", "id") => Named::Handling(value),
        ("letters", "id") => Named::Letter(value),
        ("held", "id") => Named::Message(value),
        // Released mail is a case, and its page in quarantine shows it still.
        ("arrivals" | "quarantine", "id") => Named::Arrival(value),
        ("knowledge", "id") => Named::Knowledge(value),
        _ => return None,
    })
}

impl OptionalFromRequestParts<WebState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Option<Self>, Response> {
        let viewer = viewer(parts, state).await.map_err(IntoResponse::into_response)?;
        Ok(member(&viewer, state).filter(|_| may(&viewer, Act::ReadCases)).map(Self))
    }
}

/// Somebody signed in who may see the board's page: one of the board, or a member.
pub struct AtBoard(pub Viewer);

impl FromRequestParts<WebState> for AtBoard {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        at_board(parts, state).await.map(|visit| Self(visit.viewer))
    }
}

/// The same, signed in within the last minutes.
pub struct BoardJustSignedIn(pub Viewer);

impl FromRequestParts<WebState> for BoardJustSignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let visit = at_board(parts, state).await?;
        match is_fresh(visit.session.created_at, state.house.now()) {
            true => Ok(Self(visit.viewer)),
            false => Err(once_more(parts)),
        }
    }
}

async fn at_board(parts: &Parts, state: &WebState) -> Result<Visit, Response> {
    let visit = visit(parts, state).await.map_err(IntoResponse::into_response)?;
    let visit = visit.filter(|visit| may(&visit.viewer, Act::ReadBoardPage));
    visit.ok_or_else(|| Redirect::to(&with_back("/login", page_of(&parts.uri))).into_response())
}

/// Somebody signed in, whoever it is, and their session.
pub struct SignedIn(pub Visit);

impl FromRequestParts<WebState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        match visit(parts, state).await.map_err(IntoResponse::into_response)? {
            Some(visit) => Ok(Self(visit)),
            None if parts.method.is_safe() => Err(Redirect::to(&way_in(&Viewer::Anonymous, parts)).into_response()),
            None => Err(no_session()),
        }
    }
}

/// The sign-in page, which leads back to the page that was asked for; the board has a page of its own.
fn way_in(viewer: &Viewer, parts: &Parts) -> String {
    if may(viewer, Act::ReadBoardPage) { "/board".to_owned() } else { with_back("/login", page_of(&parts.uri)) }
}

fn no_session() -> Response {
    (StatusCode::UNAUTHORIZED, "Your session has ended. Sign in again.\n").into_response()
}

async fn visit(parts: &Parts, state: &WebState) -> Result<Option<Visit>, WebError> {
    match secret(state, &CookieJar::from_headers(&parts.headers)) {
        Some(secret) => Ok(sessions::visit(&state.house, &secret).await?),
        None => Ok(None),
    }
}

async fn viewer(parts: &Parts, state: &WebState) -> Result<Viewer, WebError> {
    Ok(visit(parts, state).await?.map_or(Viewer::Anonymous, |visit| visit.viewer))
}

/// The member that the viewer is.
pub fn member(viewer: &Viewer, state: &WebState) -> Option<Member> {
    let Viewer::Member { email, .. } = viewer else { return None };
    state.house.policy().directory.member(email).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_in_words_of_ours_or_not_at_all() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", Some("Firefox on Linux")),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0",
                Some("Edge on Windows"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1",
                Some("Safari on an iPhone"),
            ),
            ("<script>alert(1)</script> Firefox/1", Some("Firefox")),
            ("curl/8.5", None),
        ] {
            assert_eq!(device_words(agent).as_deref(), words, "{agent}");
        }
    }
}
