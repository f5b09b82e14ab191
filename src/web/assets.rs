//! The stylesheet, the script and the mark, under names that change with their bytes so that browsers may keep them.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

const CSS: &str = include_str!("app.css");
/// One file per improvement, each a function of its own that fails for itself. Pages work without any of them.
const SCRIPT: &str = concat!(
    include_str!("script/copy.js"),
    include_str!("script/times.js"),
    include_str!("script/hints.js"),
    include_str!("script/upload.js"),
    include_str!("script/keys.js"),
);
const MARK: &str = include_str!("mark.svg");

/// One file as it is served.
struct Asset {
    path: String,
    media_type: &'static str,
    bytes: &'static str,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    let asset = |stem, ending, media_type, bytes: &'static str| Asset {
        path: format!("{stem}.{}.{ending}", &data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))[..12]),
        media_type,
        bytes,
    };
    [
        asset("app", "css", "text/css; charset=utf-8", CSS),
        asset("mark", "svg", "image/svg+xml", MARK),
        asset("app", "js", "text/javascript; charset=utf-8", SCRIPT),
    ]
});

/// Where the stylesheet is.
pub fn css() -> String {
    format!("/assets/{}", ASSETS[0].path)
}

/// Where the favicon is.
pub fn mark() -> String {
    format!("/assets/{}", ASSETS[1].path)
}

/// Where the script is.
pub fn script() -> String {
    format!("/assets/{}", ASSETS[2].path)
}

/// The route of all assets.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(asset))
}

async fn asset(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.path == file) {
        Some(asset) => (
            [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")],
            asset.bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Of one theme, by name: `--text` is `(0x16, 0x20, 0x2c)`.
    type Colors = HashMap<&'static str, [u8; 3]>;

    /// The colors of the `:root` block that begins `block`.
    fn colors(block: &'static str) -> Colors {
        let inside = &block[..block.find('}').unwrap()];
        let tokens = inside.split(['{', ';']).filter_map(|token| token.trim().strip_prefix("--")?.split_once(":#"));
        tokens.map(|(name, hex)| (name, rgb(hex))).collect()
    }

    fn rgb(hex: &str) -> [u8; 3] {
        let digits: Vec<u8> = hex.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
        match digits[..] {
            [r, g, b] => [r * 17, g * 17, b * 17],
            [r, s, g, h, b, c] => [r * 16 + s, g * 16 + h, b * 16 + c],
            _ => panic!("#{hex} is no color"),
        }
    }

    /// Light and dark.
    fn themes() -> [(&'static str, Colors); 2] {
        let (light, dark) = CSS.split_once("@media (prefers-color-scheme: dark)").unwrap();
        let root = |part: &'static str| colors(&part[part.find(":root {").unwrap()..]);
        [("light", root(light)), ("dark", root(dark))]
    }

    /// Relative luminance and contrast as WCAG 2.2 defines them.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let luminance = |color: [u8; 3]| {
            let [r, g, b] = color.map(|channel| {
                let share = f64::from(channel) / 255.0;
                if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Text, and what it stands on, as the stylesheet pairs them.
    const TEXT: &[(&str, &[&str])] = &[
        (
            "text",
            &[
                "bg",
                "surface",
                "surface-2",
                "info-bg",
                "soon-bg",
                "late-bg",
                "lane-reporter-bg",
                "lane-project-bg",
                "lane-internal-bg",
            ],
        ),
        ("muted", &["bg", "surface", "surface-2", "lane-reporter-bg", "lane-project-bg", "lane-internal-bg"]),
        ("link", &["bg", "surface", "surface-2", "lane-reporter-bg", "lane-project-bg", "lane-internal-bg"]),
        ("visited", &["bg", "surface", "surface-2", "lane-reporter-bg", "lane-project-bg", "lane-internal-bg"]),
        ("on-accent", &["accent"]),
        // The demo's bar has the two exchanged.
        ("bg", &["text"]),
        ("ok", &["ok-bg"]),
        ("soon", &["soon-bg"]),
        ("late", &["late-bg", "bg", "surface"]),
        ("info", &["info-bg"]),
        ("idle", &["idle-bg"]),
        ("lane-reporter", &["lane-reporter-bg"]),
        ("lane-project", &["lane-project-bg"]),
        ("lane-internal", &["lane-internal-bg"]),
    ];

    /// Edges that one must see to know that a control is there, or has the focus.
    const EDGES: &[(&str, &[&str])] = &[
        ("control", &["bg", "surface", "surface-2", "lane-reporter-bg", "lane-project-bg", "lane-internal-bg"]),
        ("late", &["bg", "surface"]),
        ("accent", &["bg", "surface"]),
        ("focus", &["focus-edge"]),
        ("lane-reporter", &["bg"]),
        ("lane-project", &["bg"]),
        ("lane-internal", &["bg"]),
    ];

    fn too_faint(pairs: &[(&str, &[&str])], at_least: f64) -> Vec<String> {
        let mut faint = Vec::new();
        for (theme, colors) in themes() {
            for (front, grounds) in pairs {
                for ground in *grounds {
                    let ratio = contrast(colors[front], colors[ground]);
                    if ratio < at_least {
                        faint.push(format!("{theme}: --{front} on --{ground} is {ratio:.2}:1, not {at_least}:1"));
                    }
                }
            }
        }
        faint
    }

    #[test]
    fn all_text_is_readable_on_what_it_stands_on_in_both_themes() {
        assert_eq!(too_faint(TEXT, 4.5), Vec::<String>::new());
    }

    #[test]
    fn edges_of_controls_lanes_and_the_focus_are_seen_in_both_themes() {
        assert_eq!(too_faint(EDGES, 3.0), Vec::<String>::new());
    }

    /// What pages may count on.
    const CLASSES: &[&str] = &[
        "lane-reporter",
        "lane-project",
        "lane-internal",
        "lane-held",
        "banner",
        "composer",
        "timeline",
        "since",
        "choice",
        "error-summary",
        "field",
        "hint",
        "error",
        "message",
        "measure",
        "facts",
        "cases",
        "columns",
        "card",
        "notice",
        "tag",
        "search",
        "filters",
        "row",
        "primary",
        "plain",
        "lead",
        "unseen",
        "reference",
        "private-link",
        "scrolls",
        "stacks",
        "tight",
        "said",
    ];

    #[test]
    fn the_classes_that_pages_use_have_a_style() {
        let missing = CLASSES.iter().filter(|class| {
            let selector = regex::Regex::new(&format!(r"\.{class}\b[^-]")).unwrap();
            !selector.is_match(CSS)
        });
        assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn both_themes_name_the_same_colors_and_contrast_is_measured_as_wcag_does() {
        let [(_, light), (_, dark)] = themes();
        let mut names: [Vec<_>; 2] = [light.keys().collect(), dark.keys().collect()];
        names.iter_mut().for_each(|names| names.sort());
        assert_eq!(names[0], names[1]);
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
        assert!((contrast([0x76; 3], [255; 3]) - 4.54).abs() < 0.01);
    }
}
