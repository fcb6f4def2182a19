//! Routes that are drawn as a tree: `/api`, `├─ /loans`, `│  ├─ POST /`, also beside the files that serve them.

use syntax::page::Fence;
use syntax::route::{self, METHODS, Path};

use crate::claim::Subject;
use crate::read::api::{Route, is_slashed, route_of};

/// What the branches of a tree are drawn with.
const BRANCHES: [char; 6] = ['├', '└', '│', '─', ' ', '\t'];

/// Whether a fence is a tree.
pub(super) fn is_tree(fence: &Fence) -> bool {
    fence.content.as_str().contains(['├', '└'])
}

/// The routes of a tree, each with the paths of the branches that it stands on, unless it begins with them.
pub(super) fn routes(fence: &Fence) -> Vec<Route> {
    let mut found = Vec::new();
    // The column of each branch above, and the path up to it.
    let mut above: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    for line in fence.content.as_str().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let node = line.trim_start_matches(BRANCHES);
        let lead = line.len() - node.len();
        let column = line.get(..lead).unwrap_or("").chars().count();
        let node = node.trim_end();
        if node.is_empty() {
            continue;
        }
        above.retain(|it| it.0 < column);
        let mut routes = route::find(line);
        if routes.is_empty() {
            let name = node.split(['#', ' ']).next().unwrap_or("");
            if name.len() > 1 && (name.starts_with('/') || name.ends_with('/')) && !name.contains('.') {
                let base = above.last().map_or("", |it| it.1.as_str());
                above.push((column, format!("{base}/{}", name.trim_matches('/'))));
            }
            continue;
        }
        // Behind a remark only the first is what stands here.
        routes.truncate(1);
        let Some(route) =
            routes.first().and_then(|it| route_of(it, |it| fence.content.span(start + it.start..start + it.end)))
        else {
            continue;
        };
        let leads = METHODS.iter().any(|it| node.starts_with(it));
        let base = above.last().map_or("", |it| it.1.as_str()).to_owned();
        let written = route.path.key();
        if !leads || base.is_empty() || Path::read(&base).is_some_and(|it| written.starts_with(&it.key())) {
            found.push(route);
            continue;
        }
        let whole = routes.first().map_or(String::new(), |it| format!("{base}{}", it.path));
        let Some(path) = Path::read(&whole) else { continue };
        let subject = Subject::endpoint(route.method, &path.key());
        let slashed = is_slashed(&whole) && routes.first().is_some_and(|it| it.path != "/");
        found.push(Route { subject, path, slashed, ..route });
    }
    found
}
