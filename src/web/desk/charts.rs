//! The two charts of a quarter, drawn as SVG of our own; a table beside each has the same numbers.

use maud::{Markup, html};

use crate::domain::quarter::figures::{Compared, KindFigure};

/// Of the drawing, in its own units: about 1 a pixel on a desk.
const WIDTH: usize = 640;
/// From the line of 0 % to that of 100 %.
const HEIGHT: u32 = 120;
/// Room above the highest bar for its number.
const TOP: u32 = 20;
const BAR: usize = 26;

/// Kept in time of a hundred, for both promises, quarter by quarter.
pub fn shares(compared: &[Compared]) -> Markup {
    let step = WIDTH / compared.len().max(1);
    html! {
        figure.chart {
            figcaption { span.one {} " first human reply in time, " span.two {} " project acknowledgement in time, of 100" }
            svg viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + TOP + 24)) role="img"
                aria-label="Promises kept in time, quarter by quarter. The table below has the numbers." {
                @for percent in [0, 50, 100] {
                    line x1="0" x2=(WIDTH) y1=(height(percent)) y2=(height(percent)) {}
                }
                @for (index, line) in compared.iter().enumerate() {
                    @let left = index * step + step / 2 - BAR - 2;
                    (bar("one", left, line.first_reply.share()))
                    (bar("two", left + BAR + 4, line.acknowledge.share()))
                    text x=(left + BAR + 2) y=(HEIGHT + TOP + 18) text-anchor="middle" { (line.quarter) }
                }
            }
        }
    }
}

/// How high in the drawing so many of a hundred stand.
fn height(percent: u32) -> u32 {
    TOP + HEIGHT - percent * HEIGHT / 100
}

/// A bar with its number; where nothing was decided, the number alone is missing.
fn bar(series: &str, left: usize, share: Option<u32>) -> Markup {
    html! {
        @if let Some(share) = share {
            rect.(series) x=(left) y=(height(share)) width=(BAR) height=(share * HEIGHT / 100) {}
            text x=(left + BAR / 2) y=(height(share) - 4) text-anchor="middle" { (share) }
        } @else {
            text x=(left + BAR / 2) y=(height(0) - 4) text-anchor="middle" { "–" }
        }
    }
}

/// What arrived, by kind.
pub fn kinds(kinds: &[KindFigure]) -> Markup {
    const ROW: usize = 24;
    const LABEL: i64 = 190;
    let most = kinds.iter().map(|kind| kind.count).max().unwrap_or(1).max(1);
    html! {
        figure.chart {
            svg viewBox=(format!("0 0 {WIDTH} {}", kinds.len() * ROW)) role="img"
                aria-label="What arrived, by kind. The table below has the numbers." {
                @for (index, kind) in kinds.iter().enumerate() {
                    @let length = kind.count * (WIDTH as i64 - LABEL - 60) / most;
                    text x=(LABEL - 8) y=(index * ROW + 16) text-anchor="end" { (kind.kind) }
                    rect.one x=(LABEL) y=(index * ROW + 4) width=(length.max(1)) height="16" {}
                    text x=(LABEL + length + 8) y=(index * ROW + 16) { (kind.count) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::samples::{HOSTILE, figures, shows_hostile_texts};

    #[test]
    fn bars_are_as_high_as_their_share_and_no_style_stands_in_the_markup() {
        let mut figures = figures();
        figures.compared[0].acknowledge = Default::default();
        let shown = shares(&figures.compared).into_string();
        assert_eq!(shown.matches("<rect").count(), 3, "two quarters, one of them without acknowledgements: {shown}");
        assert!(shown.contains("height=\"111\"") && shown.contains(">93<"), "29 of 31: {shown}");
        assert!(shown.contains(">–<") && shown.contains("role=\"img\"") && !shown.contains("style="), "{shown}");
    }

    #[test]
    fn kinds_are_bars_with_their_names_as_text() {
        let kind = |kind: &str, count| KindFigure { kind: kind.to_owned(), count };
        let shown = shows_hostile_texts(kinds(&[kind("Report of a flaw", 28), kind(HOSTILE, 0)]), 1);
        assert!(shown.contains("width=\"390\"") && shown.contains("width=\"1\""), "{shown}");
        assert!(kinds(&[]).into_string().contains("viewBox=\"0 0 640 0\""));
    }
}
