//! One mention of a project: its form, its part in the sentence and what speaks against it, and what that comes to in points.

use std::ops::Range;

use crate::domain::judgement::Field;
use crate::judge::against::{Against, against};
use crate::judge::described::Run;
use crate::judge::fold::is_disguised;
use crate::judge::forms::{Form, form};
use crate::judge::handles::Handle;
use crate::judge::names::{Hit, Joint};
use crate::judge::options::{Family, Options};
use crate::judge::place::Place;
use crate::judge::signs::{Role, roles, roles_of_description};
use crate::judge::words::words;

words! {
    LANGUAGES = "node npm python pip java ruby perl php rust go swift scala kotlin wordpress drupal joomla jenkins";
    /// Words for kinds of things: two of them beside each other describe one.
    KINDS = "web http https api rest server client data database file files text mail email user users network application app
        cloud service services system manager admin code source image images key value event events message messages queue
        object store storage cache proxy gateway search stream streams log logs test tests build tool tools directory";
}

/// A common word that its sentence makes a name.
const RAISED: f32 = 1.5;

/// One mention of a project, with its signs.
#[derive(Debug)]
pub struct Mention<'n> {
    pub field: Field,
    pub hit: Hit<'n>,
    pub form: Form,
    pub roles: Vec<Role>,
    pub against: Vec<Against>,
    pub is_disguised: bool,
    /// A whole summary with capitals: "Natural Language Toolkit".
    pub is_proper: bool,
    /// Letter for letter as the directory has it.
    pub is_as_said: bool,
}

impl<'n> Mention<'n> {
    /// The mention that `hit` is. What starts at `signature` or later stands in the signature.
    pub fn named(field: Field, text: &str, hit: Hit<'n>, signature: usize) -> Self {
        let place = Place::of(text, &hit.range);
        let written = &text[hit.range.clone()];
        let form = form(&hit, written, &place);
        let spellings = &hit.handle.spellings;
        Self {
            field,
            form,
            roles: roles(&place, field == Field::Subject),
            against: against(&place, form, hit.handle, hit.range.start >= signature),
            is_as_said: spellings.iter().any(|spelling| spelling == written),
            is_proper: false,
            is_disguised: is_disguised(written) && spellings.iter().all(|spelling| spelling.is_ascii()),
            hit,
        }
    }

    /// A mention by what the project is. A few common words that follow each other by chance describe nothing.
    pub fn described(field: Field, text: &str, run: Run<'n>) -> Option<Self> {
        /// Words that say something, of a run that is a part of a summary.
        const TELLING: usize = 3;
        let is_proper = text[run.range.clone()].split_whitespace().all(|word| word.starts_with(char::is_uppercase));
        if run.telling < TELLING || (run.telling == TELLING && !(run.is_whole && is_proper)) {
            return None;
        }
        let place = Place::of(text, &run.range);
        Some(Self {
            field,
            form: Form::Described(run.telling),
            roles: roles_of_description(&place, field == Field::Subject),
            against: Vec::new(),
            is_as_said: true,
            is_proper: run.is_whole && is_proper,
            is_disguised: false,
            hit: Hit { handle: run.handle, range: run.range, joint: Joint::Free },
        })
    }

    /// A mention of a name that is written with one wrong letter.
    pub fn misspelled(field: Field, handle: &'n Handle, range: Range<usize>) -> Self {
        let hit = Hit { handle, range, joint: Joint::Free };
        let (roles, against) = (Vec::new(), Vec::new());
        Self {
            field,
            hit,
            form: Form::Misspelled,
            roles,
            against,
            is_disguised: false,
            is_proper: false,
            is_as_said: false,
        }
    }

    /// What is left of it under `options`.
    pub fn under(mut self, options: &Options) -> Option<Self> {
        let is_left = match self.form {
            Form::Described(_) => options.counts(Family::Summary),
            _ => options.counts(Family::Technical) || !self.form.is_technical(),
        };
        self.roles.retain(|role| match role {
            Role::Versioned | Role::Numbered => options.counts(Family::Versions),
            _ => options.counts(Family::Roles),
        });
        self.against.retain(|_| options.counts(Family::Against));
        is_left.then_some(self)
    }

    /// What it comes to by itself. A vague form is worth something only in a part that names things.
    pub fn points(&self) -> f32 {
        let counts = match self.form {
            Form::CommonWord => self.is_raised(),
            Form::Part => self.roles.contains(&Role::Slot),
            form => !form.only_suggests(),
        };
        let roles: f32 = self.roles.iter().filter(|_| counts).take(2).map(|role| role.points()).sum();
        let against: f32 = self.against.iter().map(|sign| sign.points()).fold(0.0, f32::min);
        let form = if self.is_raised() { RAISED } else { self.form.points() };
        form + roles + against
    }

    /// Whether it has that part in its sentence.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Words that only happen to be a name.
    pub fn is_nothing(&self) -> bool {
        /// What a part of another's name comes to, and a little more.
        const HARDLY: f32 = 0.5;
        matches!(self.form, Form::CommonWord | Form::Part) && self.points() <= HARDLY
    }

    /// Nothing but common words, without anything that makes them a name of ours.
    pub fn is_only_common(&self) -> bool {
        let is_bare = matches!(
            self.form,
            Form::Name | Form::OtherCase | Form::StandsOut | Form::Member | Form::CamelPart | Form::File
        );
        self.form.is_vague() || (is_bare && self.hit.handle.is_common && !self.is_compound())
    }

    /// Two everyday words, both in capitals, of which one names no kind of thing: "Compass Operator", not "Web Server".
    fn is_compound(&self) -> bool {
        let name = self.hit.handle.spellings.first().map_or("", String::as_str);
        let words = || name.split([' ', '-', '_']);
        self.is_as_said
            && words().count() > 1
            && words().all(|word| word.starts_with(char::is_uppercase))
            && !words().all(|word| KINDS.has(word))
    }

    /// A common word is a name where a version, a slot, a tag or "module" goes with it.
    pub fn is_raised(&self) -> bool {
        if self.against.contains(&Against::OtherEcosystem) {
            return false;
        }
        let has = |role| self.has(role);
        // "a node module" says in which language it is written.
        let is_kind = has(Role::Kind) && !self.hit.handle.spellings.iter().any(|name| LANGUAGES.has(name));
        let is_marked = has(Role::Slot) || has(Role::Tagged) || is_kind;
        match self.form {
            Form::StandsOut => true,
            Form::CommonName => is_marked || has(Role::Versioned) || has(Role::Fixed) || has(Role::Addressed),
            Form::CommonWord => is_marked || (has(Role::Versioned) && (has(Role::Opens) || has(Role::Flawed))),
            _ => false,
        }
    }

    /// It names the project in a way that no sentence is needed for, and nothing speaks against it.
    pub fn is_clue(&self) -> bool {
        /// Words that say something, of a description that others will not have as well.
        const TELLING: usize = 5;
        let is_said_of_others = matches!(self.form, Form::Described(words) if words < TELLING && !self.is_proper);
        self.against.is_empty() && self.form.is_technical() && !is_said_of_others
    }

    /// It names the project and nothing else, and nothing speaks against it.
    pub fn is_sure(&self) -> bool {
        !self.form.is_vague() && self.against.is_empty()
    }

    /// Its part says that the text is about it, whatever else the sentence says.
    pub fn is_told_by_role(&self) -> bool {
        let is_weak =
            |role: &Role| matches!(role, Role::Versioned | Role::Numbered | Role::Opens | Role::Acts | Role::Kind);
        !self.roles.iter().all(is_weak)
    }

    /// It stands where the thing stands that a text is about.
    pub fn is_subject(&self) -> bool {
        self.against.is_empty()
            && !self.form.only_suggests()
            && self.roles.iter().any(|role| !matches!(role, Role::Kind))
    }
}
