//! What axe-core finds on a page, where it is installed.

use serde_json::Value;

use crate::peers;
use crate::stage::Stage;

/// Runs all rules, of WCAG and of good practice alike, and tells a line for each element that breaks one.
const RUN: &str = "const done = arguments[arguments.length - 1];\
    axe.run(document, { resultTypes: ['violations'] }).then(\
      found => done(found.violations.flatMap(rule => rule.nodes.map(node =>\
        [rule.impact, rule.id, node.target.join(' '), node.html.slice(0, 160), node.failureSummary].join(' | ')))),\
      error => done(['axe did not run: ' + error]))";

/// The checker's own script.
pub struct Axe(String);

impl Axe {
    /// `None` where it is not installed.
    pub fn installed() -> Option<Self> {
        let file = peers::file("axe", "axe-core/axe.min.js")?;
        Some(Self(std::fs::read_to_string(file).unwrap()))
    }

    /// What is wrong with the page that is open. Through the driver, whose scripts no policy of the page refuses.
    pub async fn findings(&self, stage: &Stage) -> Vec<String> {
        stage.client.execute(&self.0, vec![]).await.unwrap();
        let found = stage.client.execute_async(RUN, vec![]).await.unwrap();
        let Value::Array(lines) = found else { panic!("{found}") };
        lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }
}
