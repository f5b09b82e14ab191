//! Canned answers: the words that a member looks at and sends, with what the directory publishes filled in.

use crate::domain::directory::{Project, ProjectId};
use crate::domain::judgement::Strength;
use crate::domain::noise::CannedAnswer;
use crate::flows::composing::Correspondents;
use crate::flows::{House, Step};
use crate::mail::write::answers::{About, Named, words};

/// The words of that answer for this case, as they stand in the composer. Whoever sends them signs them.
pub fn words_for(house: &House, step: &Step, with: &Correspondents, answer: CannedAnswer) -> String {
    let directory = &step.policy.directory;
    let page = |path: &str| format!("{}/{path}", house.public_url);
    let project = spoken_of(with).and_then(|id| directory.project(id));
    let own_page = project.map(|project| page(&format!("projects/{}", project.id)));
    let project = project.zip(own_page.as_deref()).map(|(project, own_page)| Named {
        name: &project.name,
        link: link(project).unwrap_or(own_page),
        out_of_scope: project.out_of_scope.as_deref(),
    });
    words(
        answer,
        &About {
            org: &directory.foundation.name,
            how_link: &page("how"),
            directory_link: &page("projects"),
            out_of_scope: directory.foundation.out_of_scope.as_deref(),
            project,
        },
    )
}

/// The project that has the case, else the one that the judge takes it to be about, unless it is a guess.
fn spoken_of(with: &Correspondents) -> Option<&ProjectId> {
    let has_it = with.handlings.iter().find(|row| row.state.is_open()).map(|row| &row.project);
    let best = with.case.judgement.candidates.first().filter(|candidate| candidate.strength > Strength::Weak);
    has_it.or(best.map(|candidate| &candidate.project))
}

fn link(project: &Project) -> Option<&str> {
    project.homepage.as_deref().or(project.repositories.first().map(String::as_str))
}
