//! The signs by which a text shows what it is: what each looks for, its clause for a volunteer, and its weights.

use crate::judge::noise::phrases;

/// What a text may be, if it is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A finding on somebody's site or server.
    Site,
    /// A question about use, a fault, a wish.
    Help,
    /// Ordinary mail.
    Talk,
}

impl Class {
    /// All of them, in the order of the weights.
    pub const ALL: [Self; 3] = [Self::Site, Self::Help, Self::Talk];

    /// What speaks for it before anything is read.
    pub fn bias(self) -> f32 {
        BIAS[self as usize]
    }

    /// How far it must outweigh a report.
    pub fn threshold(self) -> f32 {
        THRESHOLDS[self as usize]
    }
}

/// How much one step of a sign speaks for each class and against a report, in the order of `Class::ALL`.
pub type Weights = [f32; 3];

/// Declares the signs, each with its clause, its phrases and its weights.
macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident: $clause:literal, $phrases:expr, $weights:expr;)+) => {
        /// One thing that a text shows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Sign { $($(#[$doc])* $name),+ }

        impl Sign {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What it says of a text, behind "the text" or "the subject"; empty if that is not worth a line.
            pub fn clause(self) -> &'static str {
                match self { $(Self::$name => $clause),+ }
            }

            /// What it looks for, as in `phrases`; empty for a sign of the text's shape.
            pub fn phrases(self) -> &'static str {
                match self { $(Self::$name => $phrases),+ }
            }

            /// The weights of one step, which is `ln(1 + count)`.
            pub fn weights(self) -> Weights {
                match self { $(Self::$name => $weights),+ }
            }
        }
    };
}

// The weights are those of a logistic regression over reports, findings on sites, questions and ordinary mail.
// They are numbers of one fit: change phrases freely, weights all at once (docs/ROUTING.md).
const BIAS: Weights = [-1.6, -0.32, -1.37];
/// The lowest at which five folds hardly called a report noise.
const THRESHOLDS: Weights = [1.25, 0.6, 1.0];

signs! {
    Flaw: "names a flaw in software", phrases::FLAW, [-1.38, -2.44, -2.02];
    Vulnerable: "speaks of a vulnerability", phrases::VULNERABLE, [-0.69, -2.55, -1.46];
    Attacker: "speaks of an attacker", phrases::ATTACKER, [0.33, -1.98, -1.37];
    Effect: "says what the flaw leads to", phrases::EFFECT, [-0.65, -1.52, -2.03];
    Versions: "says which versions have it", phrases::VERSIONS, [-2.29, -1.65, -2.27];
    Listed: "gives the number of a listed flaw", phrases::LISTED, [-0.27, -1.01, -0.72];
    Cause: "says why the flaw is there", phrases::CAUSE, [-1.49, -2.24, -1.92];
    Shown: "shows the flaw step by step", phrases::SHOWN, [1.48, -0.95, -1.01];
    Package: "speaks of a package", phrases::PACKAGE, [-2.04, -1.08, -1.66];
    Disclosure: "speaks of disclosure", phrases::DISCLOSURE, [-2.42, -1.59, -1.42];
    Protects: "speaks of what keeps things safe", phrases::PROTECTS, [0.11, -1.32, -0.84];
    Headers: "is about the headers of a site", phrases::HEADERS, [2.22, 0.62, 0.31];
    DnsRecords: "is about records for mail in DNS", phrases::DNS_RECORDS, [1.54, 0.42, 0.36];
    Tls: "is about the TLS settings of a server", phrases::TLS, [0.2, -0.08, -0.08];
    Banner: "is about files or versions that a server shows", phrases::BANNER, [2.0, 0.64, 0.68];
    Rate: "is about how often something may be tried", phrases::RATE, [2.36, 0.09, 0.52];
    Account: "is about accounts and sessions of a site", phrases::ACCOUNT, [2.14, 0.73, 0.8];
    Trick: "is about a trick that needs the victim's help", phrases::TRICK, [3.31, 1.1, 0.49];
    Site: "tries it out on a site", phrases::SITE, [1.5, 0.75, 0.29];
    Salute: "greets as mail to many does", phrases::SALUTE, [0.87, -0.41, -0.61];
    Pay: "asks to be paid", phrases::PAY, [0.0, 0.0, 0.0];
    Deployment: "is about what somebody runs", phrases::DEPLOYMENT, [2.41, 1.19, 0.45];
    Asks: "asks something", phrases::ASKS, [-0.21, 1.16, -0.19];
    Template: "fills in a form for faults and wishes", phrases::TEMPLATE, [0.69, 1.74, -0.53];
    Build: "is about building or installing", phrases::BUILD, [-0.61, 0.93, 0.65];
    Fault: "tells of a fault", phrases::FAULT, [-0.12, 1.14, -0.37];
    Wish: "wishes for something", phrases::WISH, [0.5, 1.39, 0.49];
    Attempt: "tells of the writer's own attempt", phrases::ATTEMPT, [0.15, 0.54, 0.4];
    Quoted: "is part of a conversation of others", phrases::QUOTED, [1.79, 0.85, 3.17];
    Lists: "comes from a list or a newsletter", phrases::LISTS, [0.05, -0.66, 1.6];
    Talk: "speaks of everyday things", phrases::TALK, [0.43, -0.09, 1.9];
    Offer: "offers something", phrases::OFFER, [0.59, 0.57, 1.98];
    Legal: "asks about a license or the law", phrases::LEGAL, [0.0, 0.0, 0.0];
    Length: "", "", [-0.08, 0.29, 0.67];
    QuotedLines: "quotes other mail", "", [-1.3, -0.91, 0.65];
    Questions: "asks a question", "", [0.82, 1.6, 1.56];
    Links: "links to sites", "", [0.54, -0.99, 1.1];
    Code: "shows code", "", [-0.56, 0.64, -1.59];
    Headings: "", "", [0.95, -0.34, 0.16];
    Pictures: "shows pictures", "", [-0.03, 1.24, -0.78];
    Bounded: "says up to which version", "", [-1.25, -1.2, -1.07];
    Source: "points into source code", "", [-0.71, 0.48, -0.5];
    Imports: "shows a change or an import", "", [-1.47, -1.41, -1.09];
    HostNamed: "names a site", "", [1.17, 0.07, 0.52];
}
