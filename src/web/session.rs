//! Who asks: the session cookie, and the one gate in front of the desk's pages.

use axum::extract::{FromRequestParts, OptionalFromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::domain::access::{Act, Viewer, may};
use crate::domain::directory::Member;
use crate::flows::sign_in;
use crate::web::WebState;
use crate::web::frame::WebError;

/// The cookie's name: `__Host-` binds it to this host and to https; a browser refuses that name on plain http.
fn cookie_name(state: &WebState) -> &'static str {
    if state.is_https() { "__Host-fingerpost" } else { "fingerpost" }
}

/// The cookie that carries a new session.
pub fn cookie(state: &WebState, secret: String) -> Cookie<'static> {
    Cookie::build((cookie_name(state), secret))
        .path("/")
        .http_only(true)
        .secure(state.is_https())
        .same_site(SameSite::Lax)
        .build()
}

/// The cookie that ends a session in the browser.
pub fn no_cookie(state: &WebState) -> Cookie<'static> {
    let mut cookie = cookie(state, String::new());
    cookie.make_removal();
    cookie
}

/// The secret of the request's session, if it brought one.
pub fn secret(state: &WebState, jar: &CookieJar) -> Option<String> {
    jar.get(cookie_name(state)).map(|cookie| cookie.value().to_owned())
}

/// A signed-in member who may work on cases. Whoever is not is sent to the sign-in page, or refused on a POST; the
/// board is sent to its own page.
pub struct AtDesk(pub Member);

impl FromRequestParts<WebState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let act = if parts.method.is_safe() { Act::ReadCases } else { Act::WorkOnCases };
        let viewer = viewer(parts, state).await.map_err(IntoResponse::into_response)?;
        match member(&viewer, state).filter(|_| may(&viewer, act)) {
            Some(member) => {
                // Here, so that no page can forget it.
                let named =
                    RawPathParams::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
                let of = named.iter().next().map(|(_, value)| value);
                state.house.views.log.note(&member.email, parts.uri.path(), of, state.house.now());
                Ok(Self(member))
            }
            None if parts.method.is_safe() => Err(Redirect::to(way_in(&viewer)).into_response()),
            None => Err(no_session()),
        }
    }
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
        let viewer = viewer(parts, state).await.map_err(IntoResponse::into_response)?;
        match may(&viewer, Act::ReadBoardPage) {
            true => Ok(Self(viewer)),
            false => Err(Redirect::to("/login").into_response()),
        }
    }
}

fn way_in(viewer: &Viewer) -> &'static str {
    if may(viewer, Act::ReadBoardPage) { "/board" } else { "/login" }
}

fn no_session() -> Response {
    (StatusCode::UNAUTHORIZED, "Your session has ended. Sign in again.\n").into_response()
}

async fn viewer(parts: &Parts, state: &WebState) -> Result<Viewer, WebError> {
    match secret(state, &CookieJar::from_headers(&parts.headers)) {
        Some(secret) => Ok(sign_in::viewer(&state.house, &secret).await?),
        None => Ok(Viewer::Anonymous),
    }
}

/// The member that the viewer is.
pub fn member(viewer: &Viewer, state: &WebState) -> Option<Member> {
    let Viewer::Member { email, .. } = viewer else { return None };
    state.house.policy().directory.member(email).cloned()
}
