//! The description of our data is true: every JSON answer is held against it, and none is missing in it.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::Value;

use crate::routes::Gate::{Desk, Ops, Public};
use crate::site::{Site, site};

async fn json(site: &Site, path: &str) -> Value {
    let answer = site.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"), "{path}");
    serde_json::from_slice(&answer.body).unwrap()
}

/// What of `value` is not as `schema` has it. Knows the words of JSON Schema that our description uses, and no others.
fn faults(whole: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (word, says) in schema.as_object().unwrap() {
        let fits = match word.as_str() {
            "description" => true,
            "$ref" => {
                found.extend(faults(whole, whole.pointer(&says.as_str().unwrap()[1..]).unwrap(), value, at));
                true
            }
            "type" => match says {
                Value::Array(types) => types.iter().any(|one| is_of(value, one)),
                one => is_of(value, one),
            },
            "const" => value == says,
            "enum" => says.as_array().unwrap().contains(value),
            "pattern" => {
                value.as_str().is_none_or(|text| regex::Regex::new(says.as_str().unwrap()).unwrap().is_match(text))
            }
            "format" => value.as_str().is_none_or(|text| has_format(text, says.as_str().unwrap())),
            "required" => says.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "properties" => {
                for (key, one) in says.as_object().unwrap() {
                    found.extend(
                        value.get(key).iter().flat_map(|part| faults(whole, one, part, &format!("{at}.{key}"))),
                    );
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(says, false);
                value.as_object().unwrap().keys().all(|key| schema["properties"].get(key).is_some())
            }
            "items" => {
                let items = value.as_array().unwrap().iter().enumerate();
                found.extend(items.flat_map(|(n, item)| faults(whole, says, item, &format!("{at}[{n}]"))));
                true
            }
            word => panic!("`{word}` at {at}: teach it to this test"),
        };
        if !fits {
            found.push(format!("{at}: {word} {says}, and it is {value}"));
        }
    }
    found
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        kind => panic!("{kind}"),
    }
}

fn has_format(text: &str, format: &str) -> bool {
    match format {
        "uri" => url::Url::parse(text).is_ok(),
        "email" => fingerpost::domain::address::Mailbox::parse(text).is_ok(),
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "duration" => text.parse::<jiff::SignedDuration>().is_ok(),
        format => panic!("{format}"),
    }
}

/// The schema that the description has for the answer of a path.
fn schema_of<'d>(description: &'d Value, path: &str) -> &'d Value {
    &description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
}

#[tokio::test]
async fn every_answer_is_as_the_description_says() {
    let site = site().await;
    let description = json(&site, "/openapi.json").await;
    let mut asked = BTreeSet::new();
    for path in description["paths"].as_object().unwrap().keys().filter(|path| path.ends_with(".json")) {
        let ids = site.stage.house.policy().directory.projects.iter().map(|one| one.id.to_string()).collect::<Vec<_>>();
        let real: BTreeSet<String> = ids.iter().map(|id| path.replace("{id}", id)).collect();
        for real in real {
            let answer = json(&site, &real).await;
            assert_eq!(faults(&description, schema_of(&description, path), &answer, &real), [""; 0]);
            asked.insert(real);
        }
    }
    assert_eq!(asked.len(), 6, "two documents and four projects: {asked:?}");
    assert_eq!(description["openapi"], "3.1.0");
    assert_eq!(description["servers"][0]["url"], "https://security.foundation.example");
}

#[tokio::test]
async fn the_test_sees_what_is_not_as_it_is_described() {
    let site = site().await;
    let description = json(&site, "/openapi.json").await;
    let schema = schema_of(&description, "/projects/{id}.json");
    let right = json(&site, "/projects/lovage.json").await;
    for (key, wrong) in [
        ("schema", Value::from(2)),
        ("id", "Not An Id".into()),
        ("channel", "fax".into()),
        ("homepage", "no link".into()),
        ("acknowledges_within", "a week".into()),
        ("aliases", Value::from(vec![1])),
        ("surprise", "new".into()),
        ("name", Value::Null),
    ] {
        let mut value = right.clone();
        value[key] = wrong;
        assert!(!faults(&description, schema, &value, "lovage").is_empty(), "{key}");
    }
    let mut missing = right;
    missing.as_object_mut().unwrap().remove("contact");
    assert_eq!(faults(&description, schema, &missing, "lovage").len(), 1);
}

#[tokio::test]
async fn every_route_that_answers_programs_is_described() {
    let site = site().await;
    let description = json(&site, "/openapi.json").await;
    let described = description["paths"].as_object().unwrap();
    let cookie = site.sign_in().await;
    for (pattern, path) in site.gets(&[Public, Desk, Ops]) {
        let kind = site.get_as(&cookie, &path).await.header("content-type").to_owned();
        assert!(!kind.contains("json") || described.contains_key(pattern), "{pattern} answers {kind}: describe it");
    }
    for (path, kind) in [("/projects/{id}.json", "application/json"), ("/projects.csv", "text/csv")] {
        let answers = &described[path]["get"]["responses"]["200"]["content"];
        assert!(answers.get(kind).is_some(), "{path}: {answers}");
        let real = site.get(&path.replace("{id}", "parsley")).await;
        assert!(real.header("content-type").starts_with(kind), "{path}");
        assert_eq!(real.header("access-control-allow-origin"), "*", "{path}");
        assert!(!real.header("etag").is_empty(), "{path}");
    }
}
