//! Who asks: the session cookie, and the one gate in front of the desk's pages.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
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

/// A signed-in member who may work on cases. Whoever is not is sent to the sign-in page, or refused on a POST.
pub struct AtDesk(pub Member);

impl FromRequestParts<WebState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let act = if parts.method.is_safe() { Act::ReadCases } else { Act::WorkOnCases };
        match member(parts, state).await.map_err(IntoResponse::into_response)? {
            Some((viewer, member)) if may(&viewer, act) => Ok(Self(member)),
            _ if parts.method.is_safe() => Err(Redirect::to("/login").into_response()),
            _ => Err((StatusCode::UNAUTHORIZED, "Your session has ended. Sign in again.\n").into_response()),
        }
    }
}

impl OptionalFromRequestParts<WebState> for AtDesk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Option<Self>, Response> {
        let found = member(parts, state).await.map_err(IntoResponse::into_response)?;
        Ok(found.filter(|(viewer, _)| may(viewer, Act::ReadCases)).map(|(_, member)| Self(member)))
    }
}

async fn member(parts: &Parts, state: &WebState) -> Result<Option<(Viewer, Member)>, WebError> {
    let Some(secret) = secret(state, &CookieJar::from_headers(&parts.headers)) else { return Ok(None) };
    let viewer = sign_in::viewer(&state.house, &secret).await?;
    let Viewer::Member { email, .. } = &viewer else { return Ok(None) };
    let member = state.house.policy().directory.member(email).cloned();
    Ok(member.map(|member| (viewer, member)))
}
