// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pull request of a fork gets no secret: what the files for the forges let the code of a pull request see and do.
//!
//! Sources: GitHub, "Security hardening for GitHub Actions" and "Events that trigger workflows"; Forgejo, "Security" in its
//! user's guide of Actions; GitLab, "CI/CD YAML syntax reference" and "Merge request pipelines"; sourcehut, "Build manifests reference".

use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    GitHub,
    Forgejo,
    GitLab,
    Sourcehut,
}

/// All files for forges. A file that is not known is a failure, so that nobody adds one that is not examined.
fn files() -> Vec<(PathBuf, Kind)> {
    let mut files = Vec::new();
    for directory in [".github/workflows", "examples/ci"] {
        for entry in fs::read_dir(Path::new(ROOT).join(directory)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let kind = match name.as_str() {
                _ if directory == ".github/workflows" => Kind::GitHub,
                name if name.starts_with("forgejo") => Kind::Forgejo,
                name if name.starts_with("gitlab") => Kind::GitLab,
                name if name.starts_with("sourcehut") => Kind::Sourcehut,
                _ => panic!("{directory}/{name}: of which forge?"),
            };
            files.push((Path::new(directory).join(name), kind));
        }
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    files
}

/// What is wrong with a file, one line each.
fn problems(kind: Kind, text: &str) -> Vec<String> {
    let file: Value = serde_yaml_ng::from_str(text).unwrap();
    let mut problems = Vec::new();
    match kind {
        Kind::GitHub | Kind::Forgejo => workflow(kind, &file, &mut problems),
        Kind::GitLab => gitlab(&file, &mut problems),
        Kind::Sourcehut => sourcehut(&file, &mut problems),
    }
    problems
}

// --- GitHub and Forgejo ---------------------------------------------------------------------------------------------------------

/// The events and their settings.
fn events(file: &Value) -> Map<String, Value> {
    match &file["on"] {
        Value::String(event) => [(event.clone(), Value::Null)].into_iter().collect(),
        Value::Array(events) => {
            events.iter().map(|event| (event.as_str().unwrap().to_owned(), Value::Null)).collect()
        }
        Value::Object(events) => events.clone(),
        other => panic!("on: {other}"),
    }
}

fn workflow(kind: Kind, file: &Value, problems: &mut Vec<String>) {
    let events = events(file);
    for event in events.keys() {
        // `pull_request_target` and events of comments have secrets, and a reference to a stranger's code.
        if !["push", "pull_request", "workflow_run"].contains(&event.as_str()) {
            problems.push(format!("event {event}: not one of those that this test knows"));
        }
    }
    let jobs = file["jobs"].as_object().unwrap();
    let steps = || jobs.values().flat_map(|job| job["steps"].as_array().into_iter().flatten());
    for run in steps().filter_map(|step| step["run"].as_str()) {
        if run.contains("${{") {
            problems.push(format!("an expression becomes a part of a script: {run}"));
        }
    }
    if events.contains_key("pull_request") {
        of_pull_request(kind, file, problems);
    } else if events.contains_key("workflow_run") {
        of_workflow_run(file, events.len(), problems);
    } else if events["push"]["branches"] != serde_json::json!(["main"]) {
        problems.push("push: not of the branch main only".into());
    }
}

/// A workflow that runs the code of a pull request.
fn of_pull_request(kind: Kind, file: &Value, problems: &mut Vec<String>) {
    for job in file["jobs"].as_object().unwrap().values() {
        if kind == Kind::GitHub {
            for permissions in [Some(&file["permissions"]), job.get("permissions")].into_iter().flatten() {
                if !reads_only(permissions) {
                    problems.push(format!("a pull request has permissions {permissions}"));
                }
            }
        }
        for step in job["steps"].as_array().into_iter().flatten() {
            let checks_out = step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"));
            if checks_out && step["with"]["persist-credentials"] != false {
                problems.push("the checkout leaves the token in the clone".into());
            }
        }
    }
    let mut rest = file.clone();
    if kind == Kind::Forgejo {
        // Steps that a fork's pull request does not reach, whatever the forge does about secrets.
        for job in rest["jobs"].as_object_mut().unwrap().values_mut() {
            job["steps"].as_array_mut().unwrap().retain(|step| !is_of_this_repository(&step["if"]));
        }
    }
    for text in texts(&rest) {
        if text == "inherit" || expressions(text).any(|expression| expression.contains("secrets")) {
            problems.push(format!("a pull request has a secret: {text}"));
        }
    }
}

/// Whether a condition holds for branches of the repository itself only.
fn is_of_this_repository(condition: &Value) -> bool {
    let all = condition.as_str().unwrap_or_default();
    let mut parts = all.split("&&").map(str::trim);
    !all.contains("||")
        && parts.any(|part| part == "github.event.pull_request.head.repo.full_name == github.repository")
}

fn reads_only(permissions: &Value) -> bool {
    match permissions {
        Value::String(all) => all == "read-all",
        // Without permissions the repository's default applies, which may be to write.
        Value::Object(each) => each.values().all(|value| value == "read" || value == "none"),
        _ => false,
    }
}

/// A workflow with a token that writes, which follows the pull request's own. GitHub takes its file from the default branch.
fn of_workflow_run(file: &Value, events: usize, problems: &mut Vec<String>) {
    let mut problem = |text: String| problems.push(text);
    if events != 1 {
        problem("workflow_run is not the only event".into());
    }
    let wanted = serde_json::json!({"actions": "read", "contents": "read", "pull-requests": "write"});
    if file["permissions"] != wanted {
        problem(format!("permissions are {}, not {wanted}", file["permissions"]));
    }
    for job in file["jobs"].as_object().unwrap().values() {
        if job.get("permissions").is_some() {
            problem("a job has permissions of its own".into());
        }
        for step in job["steps"].as_array().unwrap() {
            let with = &step["with"];
            match (step["uses"].as_str(), step["run"].as_str()) {
                (Some("actions/checkout@v4"), None) => {
                    if *with != serde_json::json!({"persist-credentials": false}) {
                        problem(format!("the checkout is not that of the default branch: {with}"));
                    }
                }
                (Some("actions/download-artifact@v4"), None) => {
                    // Below the clone it could replace a source file.
                    if with["path"] != "${{ runner.temp }}/review" {
                        problem(format!("the artefact goes to {}", with["path"]));
                    }
                }
                (None, Some("cargo xtask post github \"$RUNNER_TEMP/review\"")) => {}
                (uses, run) => {
                    problem(format!("a step with the token: {}", uses.or(run).unwrap_or_default()))
                }
            }
        }
    }
    if texts(file).iter().any(|text| expressions(text).any(|expression| expression.contains("secrets"))) {
        problem("a secret where the token of the workflow suffices".into());
    }
}

/// The insides of `${{ … }}`.
fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.split("${{").skip(1).filter_map(|rest| rest.split("}}").next())
}

// --- GitLab ---------------------------------------------------------------------------------------------------------------------

/// The variables that are secrets, by the comment of the file.
const SECRETS: [&str; 2] = ["GITLAB_TOKEN", "HISTORY_TOKEN"];

fn gitlab(file: &Value, problems: &mut Vec<String>) {
    for (name, job) in file.as_object().unwrap() {
        let Some(script) = job.get("script") else { continue };
        let mut merged = job.clone();
        if let Some(base) = job["extends"].as_str() {
            for (key, value) in file[base].as_object().unwrap() {
                merged.as_object_mut().unwrap().entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        let Some(rules) = merged["rules"].as_array() else {
            problems.push(format!("{name}: runs in every pipeline, that of a fork included"));
            continue;
        };
        let guards: Vec<_> =
            rules.iter().map(|rule| Guard::of(rule["if"].as_str().unwrap_or_default())).collect();
        if guards.iter().all(|guard| *guard == Guard::Main) {
            continue;
        }
        // The forge's verb reads the variable itself.
        let commands: Vec<_> =
            ["before_script", "script", "after_script"].map(|key| texts(&merged[key])).concat();
        let uses =
            |text: &&&str| text.contains("xtask post") || SECRETS.iter().any(|secret| text.contains(secret));
        let unset = commands.iter().position(|text| *text == "unset GITLAB_TOKEN");
        let variables = texts(&merged["variables"]);
        let used = commands.iter().chain(&variables).filter(uses).count() - usize::from(unset.is_some());
        if guards.contains(&Guard::None) {
            if used > 0 {
                problems.push(format!("{name}: a merge request of a fork reaches a secret"));
            }
            let own = commands.iter().position(|text| texts(script).contains(text));
            if unset.is_none() || unset > own {
                problems.push(format!(
                    "{name}: runs the code of a merge request with the token in its environment"
                ));
            }
        }
    }
    for text in texts(file).iter().filter(|text| text.contains("glpat-")) {
        problems.push(format!("a token is in the file: {text}"));
    }
}

/// Which pipelines a rule's condition selects.
#[derive(PartialEq)]
enum Guard {
    /// Pushes to the default branch.
    Main,
    /// Merge requests from a branch of the project itself.
    Project,
    /// Others.
    None,
}

impl Guard {
    fn of(condition: &str) -> Guard {
        let parts: Vec<_> = condition.split("&&").map(str::trim).collect();
        let has = |part| parts.contains(&part);
        if condition.contains("||") {
            Guard::None
        } else if has("$CI_PIPELINE_SOURCE == \"push\"") && has("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") {
            Guard::Main
        } else if has("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID") {
            Guard::Project
        } else {
            Guard::None
        }
    }
}

// --- sourcehut ------------------------------------------------------------------------------------------------------------------

fn sourcehut(file: &Value, problems: &mut Vec<String>) {
    let secret = ["secrets", "oauth"].into_iter().find(|key| file.get(key).is_some());
    let first = file["tasks"][0].as_object().and_then(|task| task.values().next()).and_then(Value::as_str);
    let guard = "if [ \"${GIT_REF:-}\" != refs/heads/main ]; then complete-build; fi\n";
    // A patch has no reference, and a branch is not main's.
    if let Some(key) = secret.filter(|_| first != Some(guard)) {
        problems.push(format!("{key} in a build that does not end first unless it is of the main branch"));
    }
}

/// All texts within a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn no_file_gives_a_fork_a_secret() {
    let files = files();
    assert_eq!(files.len(), 8, "{files:?}");
    for (path, kind) in files {
        let text = fs::read_to_string(Path::new(ROOT).join(&path)).unwrap();
        assert_eq!(problems(kind, &text), [""; 0], "{}", path.display());
    }
}

/// Each of these changes to the real files is found.
#[test]
fn changes_that_would_give_one() {
    let check = |path: &str, from: &str, to: &str, expect: &str| {
        let text = fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{path} does not have {from:?}");
        let kind = files().into_iter().find(|(known, _)| known == Path::new(path)).unwrap().1;
        let found = problems(kind, &changed);
        assert!(found.iter().any(|problem| problem.contains(expect)), "{path}: {to:?}: {found:?}");
    };
    let review = ".github/workflows/review.yml";
    let store = "QOS_STORE_CACHE: .nix-cache";
    check(review, store, "TOKEN: ${{ secrets.TOKEN }}", "has a secret");
    check(review, store, "TOKEN: ${{ secrets['TOKEN'] }}", "has a secret");
    check(review, store, "ALL: ${{ toJSON(secrets) }}", "has a secret");
    check(review, "jobs:\n", "jobs:\n  x: { uses: ./x.yml, secrets: inherit }\n", "has a secret: inherit");
    check(review, "contents: read", "contents: write", "has permissions");
    check(review, "permissions:\n  contents: read\n", "", "has permissions null");
    check(review, "permissions:\n  contents: read\n", "permissions: write-all\n", "has permissions");
    check(
        review,
        "    timeout-minutes:",
        "    permissions: { issues: write }\n    timeout-minutes:",
        "has permissions",
    );
    check(review, "persist-credentials: false", "persist-credentials: true", "leaves the token");
    check(review, "  pull_request:\n", "  pull_request_target:\n", "event pull_request_target");
    check(review, "run: git config", "run: echo ${{ github.head_ref }}; git config", "part of a script");
    let comment = ".github/workflows/review-comment.yml";
    check(
        comment,
        "          persist-credentials: false",
        "          ref: x",
        "not that of the default branch",
    );
    check(comment, "${{ runner.temp }}/review", "target", "the artefact goes to");
    check(comment, "run: cargo xtask", "run: sh review/x; cargo xtask", "a step with the token: sh review/x");
    check(comment, "actions/checkout@v4", "actions/cache@v4", "a step with the token: actions/cache@v4");
    check(comment, "contents: read", "contents: write", "permissions are");
    check(comment, "on:\n", "on:\n  push:\n", "not the only event");
    check(comment, "GITHUB_TOKEN: ${{ github.token }}", "GITHUB_TOKEN: ${{ secrets.BOT }}", "suffices");
    check(
        ".github/workflows/history.yml",
        "branches: [main]",
        "branches: ['*']",
        "not of the branch main only",
    );
    let forgejo = "examples/ci/forgejo.yml";
    let own = "github.event.pull_request.head.repo.full_name == github.repository";
    check(forgejo, &format!(" && {own}"), "", "has a secret: ${{ secrets.REVIEW_TOKEN }}");
    check(forgejo, &format!(" && {own}"), &format!(" || {own}"), "has a secret");
    check(forgejo, store, "TOKEN: ${{ secrets.REVIEW_TOKEN }}", "has a secret");
    check(
        "examples/ci/forgejo-history.yml",
        "push:\n    branches: [main]",
        "pull_request:",
        "leaves the token",
    );
    let gitlab = "examples/ci/gitlab-ci.yml";
    let project = " && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID";
    check(gitlab, project, "", "comment: a merge request of a fork reaches a secret");
    check(gitlab, "&& $GITLAB_TOKEN", "|| $GITLAB_TOKEN", "comment: a merge request of a fork reaches");
    check(
        gitlab,
        "    - unset GITLAB_TOKEN\n",
        "",
        "review: runs the code of a merge request with the token",
    );
    check(
        gitlab,
        "- cat review/summary.md",
        "- cargo xtask post gitlab review",
        "review: a merge request of a fork",
    );
    check(gitlab, "  extends: .merge-request\n", "", "review: runs in every pipeline");
    check(
        gitlab,
        " && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
        "",
        "history: a merge request of a fork reaches",
    );
    check(gitlab, store, "GITLAB_TOKEN: glpat-x", "a token is in the file");
    check("examples/ci/sourcehut.yml", "tasks:\n", "secrets: [x]\ntasks:\n", "secrets in a build");
    check("examples/ci/sourcehut-history.yml", "!= refs/heads/main", "= ''", "secrets in a build");
}
