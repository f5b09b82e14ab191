//! `/openapi.json`: the data for programs, described as OpenAPI 3.1. A test holds every answer against it.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use crate::domain::directory::Channel;
use crate::web::WebState;
use crate::web::public::directory::ContactStanding;
use crate::web::public::{data, open};

/// The route of the description.
pub fn routes() -> Router<WebState> {
    Router::new().route("/openapi.json", get(document))
}

async fn document(State(state): State<WebState>, asked: HeaderMap) -> Response {
    let org = state.house.policy().directory.foundation.name.clone();
    open::data(&asked, open::JSON, data::written(&description(&state.house.public_url, &org)))
}

fn description(public_url: &str, org: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Who to tell about a security problem: {org}"),
            "version": data::SCHEMA.to_string(),
            "description": "Public facts alone: of contacts neither name nor address. No key is needed, and other sites may \
                read it (CORS). `schema` changes when a field is renamed, removed or means another thing; new fields leave it.",
        },
        "servers": [{ "url": public_url }],
        "paths": {
            "/projects.json": { "get": {
                "operationId": "projects",
                "summary": "All projects, and how each wants to hear of a security problem",
                "responses": answers("#/components/schemas/Directory", false),
            } },
            "/projects/{id}.json": { "get": {
                "operationId": "project",
                "summary": "One project",
                "parameters": [{
                    "name": "id", "in": "path", "required": true, "description": "The project's `id`.",
                    "schema": { "$ref": "#/components/schemas/Id" },
                }],
                "responses": answers("#/components/schemas/OneProject", true),
            } },
            "/projects.csv": { "get": {
                "operationId": "projectsAsCsv",
                "summary": "The same as a table (RFC 4180): the first line has the names of the columns",
                "responses": { "200": {
                    "description": "The table.", "headers": { "ETag": tag() },
                    "content": { "text/csv": { "schema": { "type": "string" } } },
                }, "304": unchanged() },
            } },
            "/openapi.json": { "get": {
                "operationId": "description",
                "summary": "This description",
                "responses": answers("#/components/schemas/Description", false),
            } },
        },
        "components": { "schemas": schemas() },
    })
}

fn tag() -> Value {
    json!({ "description": "For If-None-Match.", "schema": { "type": "string" } })
}

fn unchanged() -> Value {
    json!({ "description": "Nothing changed since the answer with the ETag of If-None-Match." })
}

fn answers(schema: &str, may_be_missing: bool) -> Value {
    let mut answers = json!({
        "200": {
            "description": "It is kept for a minute.", "headers": { "ETag": tag() },
            "content": { "application/json": { "schema": { "$ref": schema } } },
        },
        "304": unchanged(),
    });
    if may_be_missing {
        answers["404"] = json!({ "description": "No project has this id." });
    }
    answers
}

fn schemas() -> Value {
    let link = || json!({ "type": "string", "format": "uri" });
    let schema = || json!({ "type": "integer", "const": data::SCHEMA });
    let mut one = project();
    one["properties"]["schema"] = schema();
    one["required"].as_array_mut().expect("it was just made as a list").push(json!("schema"));
    json!({
        "Id": { "type": "string", "pattern": "^[a-z0-9._-]{1,64}$" },
        "Directory": {
            "type": "object", "additionalProperties": false,
            "required": ["schema", "foundation", "security_address", "report", "projects"],
            "properties": {
                "schema": schema(),
                "foundation": { "type": "string" },
                "security_address": { "type": "string", "format": "email" },
                "report": { "type": "string", "format": "uri", "description": "Where any problem may be reported." },
                "projects": { "type": "array", "items": { "$ref": "#/components/schemas/Project" } },
            },
        },
        "Project": project(),
        "OneProject": one,
        "Description": {
            "type": "object", "required": ["openapi", "info", "servers", "paths", "components"],
            "properties": {
                "openapi": { "type": "string" }, "info": { "type": "object" }, "paths": { "type": "object" },
                "components": { "type": "object" },
                "servers": { "type": "array", "items": { "type": "object", "required": ["url"], "properties": { "url": link() } } },
            },
        },
    })
}

fn project() -> Value {
    let text = || json!({ "type": "string" });
    let maybe = || json!({ "type": ["string", "null"] });
    let link = || json!({ "type": "string", "format": "uri" });
    let maybe_link = || json!({ "type": ["string", "null"], "format": "uri" });
    let list = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    let properties = json!({
        "id": { "$ref": "#/components/schemas/Id" },
        "name": text(),
        "summary": maybe(),
        "homepage": maybe_link(),
        "repositories": list("Links."),
        "packages": list("Package URLs, like pkg:pypi/matplotlib."),
        "aliases": list("Other names that people use."),
        "imports": list("Module, namespace or path prefixes."),
        "domains": list("Host names."),
        "advisories": list("Numbers of published vulnerabilities."),
        "policy": maybe_link(),
        "out_of_scope": maybe(),
        "channel": {
            "type": "string", "enum": Channel::ALL,
            "description": "How the project takes reports; whichever it is, `report` works.",
        },
        "channel_url": maybe_link(),
        "public_address": {
            "type": ["string", "null"], "format": "email", "description": "The address that the project itself publishes.",
        },
        "public_key": { "type": ["string", "null"], "description": "The OpenPGP key of that address: a fingerprint or a link." },
        "contact": { "type": "string", "enum": ContactStanding::ALL, "description": "Whether somebody is known to be there." },
        "contact_confirmed_on": { "type": ["string", "null"], "format": "date", "description": "The day of the last proof, in UTC." },
        "acknowledges_within": {
            "type": "string", "format": "duration",
            "description": "ISO 8601: how long the project may take to confirm a report that we forward.",
        },
        "page": link(),
        "report": link(),
    });
    let required: Vec<&String> = properties.as_object().expect("it was just made as an object").keys().collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}
